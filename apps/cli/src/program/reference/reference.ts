/** Reference: docs/reference/cli.md, made from the definitions of the commands. */
import type { Argument, Command, Option } from '../command.ts'
import { groups } from '../command-groups.ts'
import { type CliProblem, cliProblems } from '../failure.ts'
import { sharedOptions } from '../output/output-format.ts'

const HEAD = `# skerry, the command line

<!-- Written by apps/cli/src/program/reference/write-reference.ts from the definitions in apps/cli/src/commands. -->

\`skerry COMMAND --help\` shows the same with fewer words. Results go to stdout, everything else to stderr, so that output can be piped.

## Environment

| Variable | Is |
|---|---|
| \`SKERRY_HOME\` | folder of the sign-in (\`cli.json\`, mode 0600) and of local data; \`~/.skerry\` by default |
| \`SKERRY_HUB\` | address of the hub, instead of the one signed in to |
| \`SKERRY_KEY\` | API key, instead of the stored one; a stored key is never sent to another hub than its own |
| \`SKERRY_CONTEXT\` | name of the context to use, instead of the current one |
| \`SKERRY_CA_FILE\` | file with the CA of the hub, PEM, instead of the stored one |
| \`SKERRY_DEBUG\` | print the whole error, with its causes |
| \`NO_COLOR\` | no colours; there are none either where the output is no terminal |

## Exit codes

| Code | Means |
|---|---|
| 0 | done |
| 1 | the thing failed, or was refused |
| 2 | the command line is wrong; nothing was tried |
| 3 | no hub answered, or one whose certificate is not trusted |
| 4 | not signed in, or the key may not do this |
| 130 | stopped by Ctrl-C |

## Words

\`list\`, \`get\` and \`delete\` are \`ls\`, \`show\` and \`rm\`. A plural noun is the noun, and alone it lists: \`skerry devices\` is
\`skerry device ls\`. \`skerry help COMMAND\` is \`skerry COMMAND --help\`, and \`skerry --version\` is \`skerry version\`.

## Output

\`-o wide\` adds columns to lists that have more. \`-o name\` prints the name of each thing, or its id, on a line of its own. \`-o yaml\`
prints the document as YAML; a thing that \`skerry apply\` knows is printed as the file that \`apply\` takes. \`--no-headers\` leaves out the
first line of tables. \`-w\` prints a list again after each change, every two seconds at most.

## JSON

With \`--json\` a command prints one JSON document on stdout; those that watch print a line for each event. An error is a line on stderr:
\`{"error":{"code","message","next","page","data","exitCode"}}\`. If a hub answered, \`page\` is the address of the page about the code. Codes are those of the API (docs/reference/errors.md), and these of the CLI:

| Code | Exit code | What next |
|---|---|---|
`

/** The whole text of docs/reference/cli.md. */
export function referenceText(commands: readonly Command[]): string {
  const sections = commands.map((command, index) => {
    const group = groupOf(command)
    const heading = group !== undefined && group !== groupOf(commands[index - 1]) ? `${groups[group]}.\n\n` : ''
    return `${heading}${commandText(command)}`
  })
  return `${HEAD}${problemRows().join('\n')}\n\n## Commands\n\n${sections.join('\n')}`
}

const groupOf = (command: Command | undefined) => {
  const [first = ''] = command?.name.split(' ') ?? []
  return first in groups ? first : undefined
}

function problemRows(): string[] {
  const codes = Object.keys(cliProblems).toSorted() as CliProblem[]
  return codes.map((code) => `| \`${code}\` | ${cliProblems[code].exitCode} | ${cliProblems[code].next ?? ''} |`)
}

function commandText(command: Command): string {
  const { name, summary, details, examples, options } = command
  const rows = [
    ...command.arguments.map(argumentRow),
    ...options.map(optionRow),
    ...sharedOptions(command).map(({ flags, help }) => `| \`${flags}\` | ${cell(help)} |`),
  ]
  return [
    `### skerry ${name}`,
    `${summary}.`,
    ...(details === '' ? [] : [details]),
    `| Argument or option | Is |\n|---|---|\n${rows.join('\n')}`,
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\`\n`,
  ].join('\n\n')
}

const argumentRow = ({ term, help }: Argument<unknown>) => `| \`${term}\` | ${cell(help)} |`

const optionRow = ({ flags, help, usual }: Option<unknown>) =>
  `| \`${flags}\` | ${cell(help)}${usual === undefined ? '' : ` (default: \`${usual}\`)`} |`

const cell = (text: string) => text.replaceAll('|', '\\|')
