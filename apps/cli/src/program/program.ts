/** Program: builds the parser and its help from the definitions of the commands. */
import { Command as Commander, Option as CommanderOption } from 'commander'
import type { Command, RawInput, RawOption } from './command.ts'
import { groups } from './command-groups.ts'
import { commands } from './command-list.ts'
import { sectionOf, sectionRank } from './names/command-sections.ts'
import { addSharedOptions, type OutputWish, readOutputWish } from './output/output-format.ts'
import type { Io } from './terminal/io.ts'

export type Chosen = { command: Command; input: RawInput; output: OutputWish }

const INTRODUCTION = `Deploys machine-learning models to many locations at once, and keeps them as declared.

Sign in once with "skerry login". Every command has --help, with an example, and --json.
"skerry help COMMAND" is the same as --help, "list", "get" and "delete" as "ls", "show" and "rm", "devices" as "device ls".`

const ENVIRONMENT = `
Environment:
  SKERRY_HOME     folder of the sign-in and of local data (default ~/.skerry)
  SKERRY_HUB      address of the hub, instead of the one signed in to
  SKERRY_KEY      API key, instead of the stored one
  SKERRY_CONTEXT  name of the context to use, instead of the current one
  SKERRY_CA_FILE  file with the CA of the hub, PEM
  SKERRY_DEBUG    print the whole error, with its causes
  NO_COLOR        no colours

Exit codes:
  0 done   1 failed or refused   2 wrong usage   3 hub not reached or not trusted   4 not signed in or not permitted   130 Ctrl-C`

/** The parser of the whole command line. It passes the chosen command and its input to `choose`. */
export function buildProgram(io: Pick<Io, 'stdout' | 'stderr'>, choose: (chosen: Chosen) => void): Commander {
  const program = quiet(new Commander('skerry'), io)
  program.description(INTRODUCTION).addHelpText('after', ENVIRONMENT).helpCommand(false)
  const folders = new Map<string, Commander>()
  const folderOf = (words: readonly string[]): Commander => {
    const path = words.join(' ')
    const parent = words.length > 1 ? folderOf(words.slice(0, -1)) : program
    const folder = words.length === 0 ? program : (folders.get(path) ?? addFolder(parent, path))
    folders.set(path, folder)
    return folder
  }
  const addFolder = (parent: Commander, path: string) => {
    const folder = quiet(parent.command(path.split(' ').at(-1) ?? ''), io)
    if (parent === program) folder.helpGroup(sectionOf(path))
    return folder.description(groups[path] ?? '').helpCommand(false)
  }
  for (const definition of commands.toSorted((a, b) => sectionRank(a.name) - sectionRank(b.name))) {
    const words = definition.name.split(' ')
    const added = addCommand(folderOf(words.slice(0, -1)), definition, io, choose)
    if (words.length === 1) added.helpGroup(sectionOf(definition.name))
    // `skerry hub` runs a hub, and `skerry hub backup` is another command.
    folders.set(definition.name, added)
  }
  return program
}

function addCommand(
  parent: Commander,
  definition: Command,
  io: Pick<Io, 'stdout' | 'stderr'>,
  choose: (chosen: Chosen) => void,
): Commander {
  const { name, summary, details, examples } = definition
  const command = quiet(parent.command(name.split(' ').at(-1) ?? ''), io)
  command.summary(summary).description(details === '' ? summary : `${summary}\n\n${details}`)
  for (const { term, help } of definition.arguments) command.argument(term, help)
  for (const { flags, help, usual, isList } of definition.options) {
    const option = new CommanderOption(flags, usual === undefined ? help : `${help} (default: ${usual})`)
    if (isList) option.argParser((text, before: string[] | undefined) => [...(before ?? []), text])
    command.addOption(option)
  }
  addSharedOptions(command, definition)
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`)
  command.action((...given: unknown[]) => {
    const raw = command.opts<Record<string, RawOption>>()
    const words = given.slice(0, definition.arguments.length) as RawInput['arguments']
    choose({ command: definition, input: { arguments: words, options: raw }, output: readOutputWish(definition, raw) })
  })
  return command
}

/** Errors become exceptions, and all output goes to the caller's streams. */
function quiet(command: Commander, { stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>): Commander {
  return command.exitOverride().configureOutput({
    writeOut: stdout.write,
    // `run` prints errors, in the same shape as all others.
    writeErr: () => undefined,
    outputError: () => undefined,
    getOutHelpWidth: () => stdout.columns,
    getErrHelpWidth: () => stderr.columns,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  })
}
