/** Owns what the price panel does in a browser: the choice of a series, its candles, the orders on them, the trade that was clicked. Never reaches for the network. */

const unpacking = `
  // Whole numbers, five a candle: see price-data.ts.
  function unpack(s) {
    if (s.bars) return s;
    var time = s.from, close = 0, rows = s.rows, at = 0;
    s.bars = [];
    for (var i = 0; i < rows.length; i += 5) {
      time += rows[i] * s.step;
      var open = close + rows[i + 1];
      close = open + rows[i + 2];
      s.bars.push({ time: time, open: open / s.scale, high: (Math.max(open, close) + rows[i + 3]) / s.scale, low: (Math.min(open, close) - rows[i + 4]) / s.scale, close: close / s.scale });
    }
    s.marks = s.markers.map(function (code) {
      var rest = Math.floor(code / 100);
      at += Math.floor(rest / 8);
      return { candle: at, side: rest & 4 ? 1 : -1, purpose: rest & 3, count: code % 100 };
    });
    return s;
  }
`;

const marking = `
  // Orders nearer to each other than a mark is wide become one mark; stretches begin at fixed candles, so that nothing jumps while the panel is moved.
  function draw(force) {
    var scale = chart.timeScale(), range = scale.getVisibleLogicalRange();
    if (!range) return;
    var stretch = 1;
    while (stretch * scale.options().barSpacing < 16) stretch *= 2;
    var key = stretch + ' ' + Math.floor(range.from / stretch) + ' ' + Math.ceil(range.to / stretch);
    if (key === drawn && !force) return;
    drawn = key;
    var groups = {}, list = [];
    now.marks.forEach(function (m) {
      if (m.candle < range.from - stretch || m.candle > range.to + stretch) return;
      var isEntry = m.purpose === 2, id = Math.floor(m.candle / stretch) + ' ' + m.side + ' ' + isEntry, group = groups[id];
      if (!group) list.push(groups[id] = { candle: m.candle, side: m.side, purpose: m.purpose, count: m.count });
      else {
        group.count += m.count;
        group.purpose = Math.max(group.purpose, m.purpose);
        if (!isEntry) group.candle = m.candle;
      }
    });
    list.sort(function (a, b) { return a.candle - b.candle; });
    // A count is written where no other stands in its way.
    var room = 40 / scale.options().barSpacing, written = { '1': -Infinity, '-1': -Infinity };
    layer.setMarkers(list.map(function (m) {
      var isWritten = m.count > 1 && m.candle - written[m.side] >= room;
      if (isWritten) written[m.side] = m.candle;
      return { time: now.bars[m.candle].time, position: m.side > 0 ? 'belowBar' : 'aboveBar', color: color(m.side > 0 ? 'up' : 'down'),
        shape: m.purpose === 2 ? (m.side > 0 ? 'arrowUp' : 'arrowDown') : m.purpose === 1 ? 'circle' : 'square', size: m.purpose === 2 ? 1 : 0.7, text: isWritten ? '\u00d7' + m.count : '' };
    }));
  }
`;

const looks = `
  function paint() {
    var quiet = color('candle'), ground = color('surface');
    chart.applyOptions({ layout: { textColor: color('ink-soft') }, grid: { vertLines: { visible: false }, horzLines: { color: color('line') } },
      crosshair: { vertLine: { color: color('quiet'), labelBackgroundColor: color('ink-soft') }, horzLine: { color: color('quiet'), labelBackgroundColor: color('ink-soft') } } });
    candles.applyOptions({ upColor: ground, wickUpColor: quiet, borderUpColor: quiet, downColor: quiet, wickDownColor: quiet, borderDownColor: quiet });
    volumes.applyOptions({ color: color('line') });
    path.applyOptions({ color: color('ink') });
    draw(true);
  }
  // The round prices of the axis bear no more decimals than they need.
  function axisTexts(values) {
    var decimals = 0;
    values.forEach(function (v) { while (decimals < now.decimals && Math.abs(v - Number(v.toFixed(decimals))) > 1e-9 * Math.abs(v)) decimals++; });
    return values.map(function (v) { return fixed(v, decimals); });
  }
  function axisTime(time, kind) {
    var scale = chart.timeScale(), x = scale.timeToCoordinate(time), at = scale.coordinateToLogical(x), near = 80 / scale.options().barSpacing, d = new Date(time * 1000);
    // The edge would cut it; of the first and last candles the library moves the labels itself.
    if ((x < 24 || x > scale.width() - 24) && at > near && at < now.bars.length - 1 - near) return '';
    if (kind > 2) return pad(d.getUTCHours()) + ':' + pad(d.getUTCMinutes());
    return kind === 0 ? String(d.getUTCFullYear()) : months[d.getUTCMonth()] + (kind === 2 ? ' ' + d.getUTCDate() : '');
  }
  function tell(at) {
    var bar = now.bars[at], volume = now.volume[at];
    if (!bar) return;
    byId('candle').textContent = when(bar.time * 1000) + '  O ' + price(bar.open, now.decimals) + '  H ' + price(bar.high, now.decimals) + '  L ' + price(bar.low, now.decimals)
      + '  C ' + price(bar.close, now.decimals) + (volume > 0 ? '  V ' + short(volume) : '');
  }
`;

const choosing = `
  function show(i, isKept) {
    now = unpack(data.series[i]);
    if (choice) choice.value = String(i);
    path.setData([]);
    candles.setData([]);
    candles.applyOptions({ priceFormat: { type: 'custom', minMove: Math.pow(10, -now.decimals), formatter: function (v) { return price(v, now.decimals); } } });
    candles.setData(now.bars);
    volumes.setData(now.volume.map(function (v, k) { return { time: now.bars[k].time, value: v }; }));
    byId('candle-note').textContent = now.note;
    chart.timeScale().fitContent();
    tell(now.bars.length - 1);
    draw(true);
    if (!isKept) forget();
  }
  function forget() {
    path.setData([]);
    byId('chosen-trade').textContent = '';
    chosen = 0;
    showChosen();
  }
  // Times of a day are named where a day is wide enough to hold several. The library keeps labels that it once made until an option is set.
  function nameTimes() {
    var span = chart.timeScale().getVisibleRange();
    chart.timeScale().applyOptions({ timeVisible: now.isIntraday && span !== null && (span.to - span.from) / 86400 < chart.timeScale().width() / 160 });
  }
  function zoom(factor) {
    var range = chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    var middle = (range.from + range.to) / 2, half = Math.max(5, (range.to - range.from) / 2 * factor);
    chart.timeScale().setVisibleLogicalRange({ from: middle - half, to: middle + half });
  }
  // The candle a fill lies in: one inside a bar bears the time of the bar's close.
  function candleAt(ms) {
    var low = 0, high = now.bars.length - 1;
    while (low < high) { var m = (low + high + 1) >> 1; if (now.bars[m].time * 1000 <= ms) low = m; else high = m - 1; }
    return low;
  }
  focusTrade = function (t) {
    var has = function (s) { return s.rows.length > 0 && s.instruments.indexOf(t.symbolIndex) >= 0; }, other = data.series.findIndex(has), decimals = data.decimals[t.symbolIndex];
    if (!has(now) && other >= 0) show(other, true);
    byId('chosen-trade').textContent = 'Trade ' + t.number + ': ' + (t.side > 0 ? 'long ' : 'short ') + (data.symbols.length > 1 ? t.symbol + ' ' : '') + when(t.entryMs) + ' at ' + price(t.entry, decimals)
      + ' \u2192 ' + when(t.exitMs) + ' at ' + price(t.exit, decimals) + ', ' + money(t.pnl, t) + (has(now) ? '' : '; not drawn here');
    byId('price').scrollIntoView({ behavior: 'smooth' });
    if (!has(now)) return path.setData([]);
    var from = candleAt(t.entryMs - (t.inside & 1 ? 1 : 0)), to = candleAt(t.exitMs - (t.inside & 2 ? 1 : 0)), margin = Math.max(15, (to - from) / 2);
    var points = [{ time: now.bars[from].time, value: t.entry }, { time: now.bars[to].time, value: t.exit }];
    path.setData(from === to ? points.slice(1) : points);
    chart.timeScale().setVisibleLogicalRange({ from: from - margin, to: to + margin });
  };
`;

export const pricePanel = `
(function () {
  var box = byId('price-chart'), choice = byId('series'), L = window.LightweightCharts, first = data.series.findIndex(function (s) { return s.rows.length > 0; });
  if (!box || !L || first < 0) return;
  var now = data.series[first], drawn = '', months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  var chart = L.createChart(box, {
    autoSize: true,
    layout: { attributionLogo: false, background: { type: 'solid', color: 'transparent' }, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.07, bottom: 0.09 } },
    timeScale: { borderVisible: false, minBarSpacing: 0.01, fixLeftEdge: true, fixRightEdge: true, tickMarkFormatter: axisTime },
    crosshair: { mode: 0 }, handleScroll: { vertTouchDrag: false },
    localization: { locale: 'en-GB', timeFormatter: function (time) { return when(time * 1000); }, priceFormatter: function (v) { return price(v, now.decimals); }, tickmarksPriceFormatter: axisTexts }
  });
  var still = { priceLineVisible: false, lastValueVisible: false };
  var volumes = chart.addSeries(L.HistogramSeries, Object.assign({ priceScaleId: 'volume', priceFormat: { type: 'volume' } }, still));
  var candles = chart.addSeries(L.CandlestickSeries, still);
  var path = chart.addSeries(L.LineSeries, Object.assign({ crosshairMarkerVisible: false, lineWidth: 2, lineStyle: 2, pointMarkersVisible: true, pointMarkersRadius: 4 }, still));
  var layer = L.createSeriesMarkers(candles, []);
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
${unpacking}${marking}${looks}${choosing}
  chart.timeScale().subscribeVisibleLogicalRangeChange(function () { nameTimes(); draw(false); });
  chart.timeScale().subscribeSizeChange(nameTimes);
  chart.subscribeCrosshairMove(function (event) { tell(event.logical === undefined ? now.bars.length - 1 : Math.round(event.logical)); });
  // A wheel turned over the panel moves the page on; with Ctrl it zooms.
  box.addEventListener('wheel', function (event) { if (!event.ctrlKey && !event.metaKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) event.stopPropagation(); }, { capture: true, passive: true });
  dark.addEventListener('change', paint);
  // A screenshot is drawn at once, where a frame would come after the page went to the printer.
  repaint = function () { paint(); chart.takeScreenshot(); };
  if (choice) choice.addEventListener('change', function () { show(Number(choice.value)); });
  byId('fit').addEventListener('click', function () { chart.timeScale().fitContent(); forget(); });
  byId('nearer').addEventListener('click', function () { zoom(0.5); });
  byId('farther').addEventListener('click', function () { zoom(2); });
  show(first);
  paint();
})();
`;
