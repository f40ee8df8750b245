/** `skerry completion` */
import { command, required } from '../../program/command.ts'
import { completionScript, type Shell, shells } from '../../program/reference/completion.ts'

export const completeShell = command({
  name: 'completion',
  summary: 'Print a completion script for a shell',
  examples: ['source <(skerry completion bash)', 'skerry completion fish > ~/.config/fish/completions/skerry.fish'],
  arguments: { shell: required('<shell>', shells.join(', '), parseShell) },
  options: {},
  async run({ shell }, session) {
    const script = completionScript(shell, session.commands)
    session.print({ json: { shell, script }, text: () => script.trimEnd() })
  },
})

function parseShell(text: string): Shell {
  const shell = shells.find((name) => name === text)
  if (shell) return shell
  throw new Error(`must be one of ${shells.join(', ')}`)
}
