/**
 * Run: one command line from its words to its exit code. Its caller gets no exception, and its callees never end the
 * process.
 */
import { CommanderError } from 'commander'
import { commands } from './command-list.ts'
import { errorPage, exitCodes, type Failure, failureOf, issueLines, wrongUsage } from './failure.ts'
import { withNearName } from './names/near-name.ts'
import { knownWords } from './names/spoken-words.ts'
import { PLAIN_OUTPUT, wantsJson } from './output/output-format.ts'
import { watchOutput } from './output/watch-output.ts'
import { buildProgram, type Chosen } from './program.ts'
import { openSession, type Session } from './session.ts'
import type { Io } from './terminal/io.ts'
import { type Style, styleOf } from './terminal/style.ts'

/** Runs the command that the words name. */
export async function run(given: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  const words = knownWords(given, NAMES)
  const isJson = wantsJson(words)
  try {
    const chosen = choose(words, io)
    if (!chosen) return exitCodes.ok
    return await start(chosen, io, signal)
  } catch (error) {
    const failure = failureOf(error, signal)
    report(failure, isJson, io)
    return failure.exitCode
  }
}

const NAMES = commands.map(({ name }) => name)

async function start({ command, input, output }: Chosen, io: Io, signal: AbortSignal): Promise<number> {
  let exitCode: number = exitCodes.ok
  const endWith = (code: number) => {
    exitCode = code
  }
  let session = openSession({ io, commands, signal, output, endWith })
  const runOnce = (once: Io) => {
    session = openSession({ io: once, commands, signal, output, endWith })
    return command.start(input, session)
  }
  try {
    await (output.isWatched ? watchOutput(runOnce, { io, signal }) : runOnce(io))
    return exitCode
  } catch (error) {
    const failure = failureOf(error, signal)
    if (failure.code === 'usage_wrong' && failure.next === undefined) {
      throw wrongUsage(failure.message, `look at "skerry ${command.name} --help"`)
    }
    throw await withPage(await withNearName(failure, input, session), session)
  }
}

/** Adds the page about the code if a hub answered with it. The code links to the same page in the console. */
async function withPage(failure: Failure, session: Session): Promise<Failure> {
  const hub = failure.isAnswer ? await session.usedHub() : undefined
  if (hub !== undefined) failure.page = errorPage(hub, failure.code)
  return failure
}

/** The command in the words. Undefined if they requested help and it was printed. */
function choose(words: readonly string[], io: Io): Chosen | undefined {
  // These two commands pass all words after their name on, `--help` too. Other commands begin with the same word.
  const handed = commands.find(({ name, output }) => output === 'none' && name === words[0])
  const isOther = commands.some(({ name }) => name === `${words[0]} ${words[1]}`)
  if (handed && !isOther)
    return { command: handed, input: { arguments: [words.slice(1)], options: {} }, output: PLAIN_OUTPUT }
  let chosen: Chosen | undefined
  const program = buildProgram(io, (choice) => {
    chosen = choice
  })
  try {
    program.parse(words.length === 0 ? ['--help'] : [...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw usageFailure(error, words)
  }
  return chosen
}

function usageFailure({ code, message }: CommanderError, words: readonly string[]): Failure {
  const path = words.filter((word) => /^[a-z]+$/.test(word)).slice(0, 3)
  const known = path.map((_, index) => path.slice(0, path.length - index).join(' ')).find((name) => isPrefix(name))
  const help = known === undefined ? 'skerry --help' : `skerry ${known} --help`
  // [commander, commander.help] A group without a command: the only error is the missing command.
  const text = code === 'commander.help' ? 'a command is missing' : message.replace(/^error: /, '')
  const [first = '', ...rest] = text.split('\n')
  return wrongUsage([first, ...rest].join(' ').trim(), `look at "${help}"`)
}

const isPrefix = (words: string) => commands.some(({ name }) => `${name} `.startsWith(`${words} `))

function report(failure: Failure, isJson: boolean, io: Io): void {
  if (isJson) {
    const { code, message, next, page, data, exitCode } = failure
    io.stderr.write(`${JSON.stringify({ error: { code, message, next, page, data, exitCode } })}\n`)
  } else {
    io.stderr.write(`${failureText(failure, styleOf(io.stderr, io.env))}\n`)
  }
  if (io.env.SKERRY_DEBUG) io.stderr.write(`${debugText(failure)}\n`)
}

function failureText({ code, message, next, page, data }: Failure, style: Style): string {
  return [
    `${style.red('error:')} ${message}`,
    ...issueLines(data).map((issue) => `    ${issue}`),
    `  code: ${code}`,
    ...(next === undefined ? [] : [`  what next: ${next}`]),
    ...(page === undefined ? [] : [`  read more: ${page}`]),
  ].join('\n')
}

function debugText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${debugText(error.cause)}`
  return `${error.stack}${cause}`
}
