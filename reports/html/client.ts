/** Owns what the page does in a browser: tooltips, the trade table, the theme, beside the price panel. Never reaches for the network, storage or eval. */
import { pricePanel } from './client-price.ts';

const shared = `
var data = JSON.parse(document.getElementById('report-data').textContent);
var root = document.documentElement;
var byId = function (id) { return document.getElementById(id); };
var dark = window.matchMedia('(prefers-color-scheme: dark)');
function pad(n) { return (n < 10 ? '0' : '') + n; }
function when(ms) {
  var d = new Date(ms), day = d.getUTCFullYear() + '-' + pad(d.getUTCMonth() + 1) + '-' + pad(d.getUTCDate());
  return ms % 86400000 === 0 ? day : day + ' ' + pad(d.getUTCHours()) + ':' + pad(d.getUTCMinutes());
}
function fixed(v, n) {
  if (v === null || v !== v) return '\u2013';
  var a = Math.abs(v), s = a >= 1e15 ? a.toExponential(3).replace('e+', 'e') : a.toFixed(n).replace(/^\\d+/, function (w) { return w.replace(/\\B(?=(\\d{3})+$)/g, ','); });
  return v < 0 && /[1-9]/.test(s) ? '\u2212' + s : s;
}
function quantity(v) { return fixed(v, 8).replace(/(\\.\\d*?)0+$/, '$1').replace(/\\.$/, ''); }
function price(v, decimals) { return fixed(v, Math.min(decimals, Math.abs(v) >= 100 ? 2 : Math.abs(v) >= 1 ? 4 : 8)); }
function short(v) { var unit = v >= 1e9 ? 1e9 : v >= 1e6 ? 1e6 : v >= 1e3 ? 1e3 : 1; return Number((v / unit).toPrecision(3)) + (unit === 1e9 ? 'B' : unit === 1e6 ? 'M' : unit === 1e3 ? 'k' : ''); }
function money(v, trade) { return fixed(v, data.moneyDecimals[trade.symbolIndex]) + data.moneyNames[trade.symbolIndex]; }
function percent(v) { return (v > 0 ? '+' : '') + fixed(v * 100, 2) + '%'; }
function held(ms) {
  var m = Math.floor(ms / 60000), h = Math.floor(m / 60), d = Math.floor(h / 24);
  if (d >= 10) return d + ' d';
  if (d > 0) return d + ' d' + (h % 24 ? ' ' + (h % 24) + ' h' : '');
  if (h > 0) return h + ' h' + (m % 60 ? ' ' + (m % 60) + ' min' : '');
  return m > 0 ? m + ' min' : Math.round(ms / 1000) + ' s';
}
var chosen = 0, focusTrade = function () {}, showChosen = function () {}, repaint = function () {}, setTradeRows = function () {};
function color(name) { return getComputedStyle(root).getPropertyValue('--' + name).trim(); }
`;

const tooltips = `
(function () {
  var tip = byId('tip'), hair = null;
  function hide() { tip.style.display = 'none'; if (hair) { hair.remove(); hair = null; } }
  function show(text, x, y) {
    tip.textContent = text;
    tip.style.display = 'block';
    var w = tip.offsetWidth, h = tip.offsetHeight;
    tip.style.left = Math.max(4, Math.min(x + 14, window.innerWidth - w - 4)) + 'px';
    tip.style.top = Math.max(4, y - h - 12 < 4 ? y + 18 : y - h - 12) + 'px';
  }
  function nearest(t, ms) {
    var low = 0, high = t.length - 1;
    while (low < high) { var m = (low + high) >> 1; if (t[m] < ms) low = m + 1; else high = m; }
    return low > 0 && ms - t[low - 1] < t[low] - ms ? low - 1 : low;
  }
  Object.keys(data.hover).forEach(function (id) {
    data.hover[id].series.forEach(function (s) { var t = data.hover[id].from; s.t = s.t.map(function (step) { t += step * data.hover[id].step; return t; }); });
  });
  function overLine(svg, event) {
    var hover = data.hover[svg.parentNode.id], box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal;
    var left = Number(svg.dataset.left), width = Number(svg.dataset.plot), x = (event.clientX - box.left) / box.width * view.width;
    if (x < left - 6 || x > left + width + 6) return hide();
    var ms = hover.from + Math.min(1, Math.max(0, (x - left) / width)) * (hover.to - hover.from);
    var at = null, lines = hover.series.map(function (s) {
      var i = nearest(s.t, ms);
      if (at === null) at = s.t[i];
      return s.name + '  ' + (hover.decimals === null ? fixed(s.v[i] * 100, 2) + '%' : fixed(s.v[i], hover.decimals));
    });
    show(when(at) + '\\n' + lines.join('\\n'), event.clientX, event.clientY);
    var px = left + (hover.to > hover.from ? (at - hover.from) / (hover.to - hover.from) : 0) * width;
    if (!hair || hair.ownerSVGElement !== svg) { if (hair) hair.remove(); hair = document.createElementNS(svg.namespaceURI, 'line'); hair.setAttribute('class', 'hair'); svg.appendChild(hair); }
    hair.setAttribute('x1', px); hair.setAttribute('x2', px); hair.setAttribute('y1', 0); hair.setAttribute('y2', view.height);
  }
  function point(event) {
    var svg = event.target.closest && event.target.closest('figure svg');
    if (!svg) return hide();
    if (data.hover[svg.parentNode.id]) return overLine(svg, event);
    var mark = event.target.closest('svg [aria-label]');
    if (mark) show(mark.getAttribute('aria-label'), event.clientX, event.clientY); else hide();
  }
  document.addEventListener('pointermove', point);
  document.addEventListener('pointerdown', point);
  document.addEventListener('pointerleave', hide);
  window.addEventListener('scroll', hide, { passive: true });
})();
`;

const tradeTable = `
(function () {
  var body = byId('trade-rows');
  if (!body) return;
  var all = [], rows = data.trades.rows, step = data.trades.step, entryMs = 0;
  for (var i = 0; i < rows.length; i += 11) {
    entryMs += rows[i + 2] * step;
    all.push({ number: i / 11 + 1, side: rows[i], symbolIndex: rows[i + 1], symbol: data.symbols[rows[i + 1]], entryMs: entryMs, exitMs: entryMs + rows[i + 3] * step, held: rows[i + 3] * step,
      entry: rows[i + 4], exit: rows[i + 5], fraction: rows[i] * (rows[i + 5] / rows[i + 4] - 1), size: rows[i + 6], pnl: rows[i + 7], fee: rows[i + 8], role: data.roles[rows[i + 9]], inside: rows[i + 10] });
  }
  var list = all, page = 0, size = window.matchMedia('(max-width:640px)').matches ? 20 : 50, key = 'number', direction = 1;
  function cell(row, text, kind) { var td = document.createElement('td'); td.textContent = text; td.className = kind; row.appendChild(td); }
  function render() {
    var pages = Math.max(1, Math.ceil(list.length / size));
    page = Math.min(page, pages - 1);
    body.textContent = '';
    list.slice(page * size, page * size + size).forEach(function (t) {
      var row = document.createElement('tr'), sign = t.pnl < 0 ? ' loss' : t.pnl > 0 ? ' gain' : '';
      cell(row, t.number, 'number'); cell(row, t.side > 0 ? 'long' : 'short', 'side');
      if (data.symbols.length > 1) cell(row, t.symbol, 'symbol');
      cell(row, when(t.entryMs), 'entryMs'); cell(row, price(t.entry, data.decimals[t.symbolIndex]), 'entry number'); cell(row, when(t.exitMs), 'exitMs'); cell(row, price(t.exit, data.decimals[t.symbolIndex]), 'exit number');
      cell(row, quantity(t.size), 'size number'); cell(row, percent(t.fraction), 'fraction number' + sign); cell(row, money(t.pnl, t), 'pnl number' + sign); cell(row, money(t.fee, t), 'fee number');
      cell(row, held(t.held), 'held number'); cell(row, t.role, 'role');
      function look() { chosen = t.number; showChosen(); focusTrade(t); }
      row.addEventListener('click', look);
      row.tabIndex = 0;
      row.addEventListener('keydown', function (event) { if (event.key === 'Enter') look(); });
      row.dataset.number = t.number;
      body.appendChild(row);
    });
    if (list.length === 0) { var none = document.createElement('tr'); cell(none, 'No trade is like that.', 'none'); none.firstChild.colSpan = 13; body.appendChild(none); }
    showChosen();
    byId('trade-count').textContent = fixed(list.length, 0) + (list.length === all.length ? '' : ' of ' + fixed(all.length, 0)) + ' trades' + (pages > 1 ? ', page ' + (page + 1) + ' of ' + pages : '');
    byId('before').hidden = byId('after').hidden = pages === 1;
    byId('before').disabled = page === 0;
    byId('after').disabled = page >= pages - 1;
  }
  setTradeRows = function (count) { var before = size; size = count; render(); return before; };
  showChosen = function () {
    for (var i = 0; i < body.rows.length; i++) {
      if (Number(body.rows[i].dataset.number) === chosen) body.rows[i].setAttribute('aria-current', 'true'); else body.rows[i].removeAttribute('aria-current');
    }
  };
  function choose() {
    var words = byId('search').value.trim().toLowerCase(), kind = byId('kind').value;
    list = all.filter(function (t) {
      if (kind === 'wins' && !(t.pnl > 0) || kind === 'losses' && !(t.pnl < 0) || kind === 'long' && t.side < 0 || kind === 'short' && t.side > 0) return false;
      return !words || (t.symbol + ' ' + when(t.entryMs) + ' ' + when(t.exitMs) + ' ' + t.role).toLowerCase().indexOf(words) >= 0;
    });
    list.sort(function (a, b) { var x = a[key], y = b[key]; return (x < y ? -1 : x > y ? 1 : a.number - b.number) * direction; });
    page = 0;
    render();
  }
  byId('search').addEventListener('input', choose);
  byId('kind').addEventListener('change', choose);
  byId('order').addEventListener('change', function () { var words = byId('order').value.split(' '); key = words[0]; direction = Number(words[1]); choose(); });
  byId('before').addEventListener('click', function () { page--; render(); });
  byId('after').addEventListener('click', function () { page++; render(); });
  document.querySelectorAll('#trade-table th').forEach(function (th) {
    function sort() {
      direction = key === th.dataset.key ? -direction : 1;
      key = th.dataset.key;
      document.querySelectorAll('#trade-table th').forEach(function (other) { other.removeAttribute('aria-sort'); });
      th.setAttribute('aria-sort', direction > 0 ? 'ascending' : 'descending');
      choose();
    }
    th.addEventListener('click', sort);
    th.addEventListener('keydown', function (event) { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); sort(); } });
  });
  render();
})();
`;

const theme = `
byId('theme').addEventListener('click', function () {
  var isDark = root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
  repaint();
});
// On paper all is light, what is folded is open, and trades stand on one page, as many as a reader would turn over.
var shown = null;
window.addEventListener('beforeprint', function () {
  var folded = document.querySelectorAll('details:not([open])');
  shown = { theme: root.dataset.theme, folded: folded, rows: setTradeRows(1000) };
  root.dataset.theme = 'light';
  folded.forEach(function (details) { details.open = true; });
  repaint();
});
window.addEventListener('afterprint', function () {
  if (!shown) return;
  if (shown.theme) root.dataset.theme = shown.theme; else delete root.dataset.theme;
  shown.folded.forEach(function (details) { details.open = false; });
  setTradeRows(shown.rows);
  shown = null;
  repaint();
});
`;

const choices = `
document.querySelectorAll('select[data-choices]').forEach(function (choice) {
  choice.addEventListener('change', function () {
    choice.dataset.choices.split(' ').forEach(function (id, i) { byId(id).hidden = i !== Number(choice.value); });
  });
});
`;

/** What pages of searches do: they have no price panel and no table of trades. */
export const searchClientCode = `(function () {\n'use strict';\n${shared}${tooltips}${choices}${theme}})();\n`;

export const clientCode = `(function () {\n'use strict';\n${shared}${pricePanel}${tooltips}${tradeTable}${theme}})();\n`;
