/** Owns "playhead completion": a script for the shell, made from the tree of commands. Never needs the program again once it is loaded. */
import type { Command, Option } from 'commander';
import { printText } from '../terminal.ts';

const completionName = 'completion';
const shells = ['bash', 'zsh', 'fish'] as const;

export function registerCompletion(program: Command): void {
  program
    .command(completionName)
    .description('print a completion script: source <(npx playhead completion bash)')
    .argument('<shell>', shells.join(', '))
    .action(async (shell: string) => {
      const { ConfigError } = await import('../../engine/errors.ts');
      const { nearest } = await import('../../engine/nearest.ts');
      const hint = nearest(shell, shells);
      if (!(shells as readonly string[]).includes(shell))
        throw new ConfigError('USAGE', `was "${shell}", expected one of ${shells.join(', ')}${hint ? `; did you mean "${hint}"?` : ''}`);
      printText(shell === 'fish' ? fishScript(program) : shell === 'zsh' ? zshScript(program) : bashScript(program));
    });
}

/** Words that may follow each prefix of commands: "" → run, verify, …; "runs" → list, show, export. */
function wordsOf(program: Command): [prefix: string, words: string[]][] {
  const globals = [...flagsOf(program), '-h', '--help'];
  const rows: [string, string[]][] = [['', [...program.commands.map((command) => command.name()), ...globals]]];
  const visit = (command: Command, prefix: string): void => {
    const words = [
      ...command.commands.map((inner) => inner.name()),
      ...(command.name() === completionName ? shells : []),
      ...flagsOf(command),
      ...globals,
    ];
    rows.push([prefix, words]);
    for (const inner of command.commands) visit(inner, `${prefix} ${inner.name()}`);
  };
  for (const command of program.commands) visit(command, command.name());
  return rows;
}

function flagsOf(command: Command): string[] {
  return command.options.flatMap((option) => [option.short, option.long].filter((flag) => flag !== undefined));
}

function bashScript(program: Command): string {
  const cases = wordsOf(program).map(([prefix, words]) => `    "${prefix}") words="${words.join(' ')}" ;;`);
  return `_playhead() {
  local current="\${COMP_WORDS[COMP_CWORD]}" prefix="" words="" i
  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do
    [[ "\${COMP_WORDS[i]}" == -* ]] && break
    prefix="\${prefix:+$prefix }\${COMP_WORDS[i]}"
  done
  case "$prefix" in
${cases.join('\n')}
    *) prefix="\${prefix%% *}"; case "$prefix" in
${cases.map((line) => `  ${line}`).join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ "$current" != -* ]] && COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _playhead playhead
`;
}

/** zsh runs bash's script by its own bridge. */
function zshScript(program: Command): string {
  return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(program)}`;
}

function fishScript(program: Command): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const flag = ({ short, long, description }: Option): string =>
    `${short === undefined ? '' : ` -s ${short.slice(1)}`}${long === undefined ? '' : ` -l ${long.slice(2)}`} -d ${quoted(description)}`;
  const lines = ['complete -c playhead -s h -l help -d help'];
  for (const option of program.options) lines.push(`complete -c playhead${flag(option)}`);
  for (const command of program.commands) {
    lines.push(`complete -c playhead -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`);
    const seen = `${quoted(`__fish_seen_subcommand_from ${command.name()}`)}`;
    for (const inner of command.commands)
      lines.push(`complete -c playhead -n ${seen} -a ${inner.name()} -d ${quoted(inner.description())}`);
    if (command.name() === completionName) lines.push(`complete -c playhead -n ${seen} -f -a ${quoted(shells.join(' '))}`);
    for (const option of command.options) lines.push(`complete -c playhead -n ${seen}${flag(option)}`);
  }
  return `${lines.join('\n')}\n`;
}
