/** Fact options: a device reads a fact for the hub only if its own command line allows that. */

/** The files, variables of the environment and commands that facts may use. */
export type FactSwitches = {
  files: readonly string[]
  environment: readonly string[]
  /** By name: the program, which gets no arguments. */
  commands: ReadonlyMap<string, string>
}

export const FACT_FLAGS = { 'allow-fact': { type: 'string', multiple: true } } as const

export const FACT_HELP = `  --allow-fact WHAT   a fact that settings may read: file:/PATH, env:NAME or command:NAME=/PROGRAM; may be repeated`

/** More than the facts of a device, so that one command line fits several devices. */
const ALLOWED_MAX = 128

const ALLOWED =
  /^(?:file:(?<file>\/.+)|env:(?<variable>[A-Za-z_][A-Za-z0-9_]{0,62})|command:(?<name>[a-z0-9][a-z0-9-]{0,62})=(?<program>\/.+))$/

type Flags = { 'allow-fact'?: string[] | undefined }

/** The mistake in the arguments; undefined if there is none. */
export function factTrouble({ 'allow-fact': given = [] }: Flags): string | undefined {
  const wrong = given.find((text) => !ALLOWED.test(text))
  if (wrong !== undefined) {
    const shown = JSON.stringify(wrong.slice(0, 100))
    return `--allow-fact must be file:/PATH, env:NAME or command:NAME=/PROGRAM such as file:/etc/os-release, not ${shown}`
  }
  return given.length > ALLOWED_MAX ? `--allow-fact may be given at most ${ALLOWED_MAX} times` : undefined
}

export function factsAllowed({ 'allow-fact': given = [] }: Flags): FactSwitches {
  const found = given.map((text) => ALLOWED.exec(text)?.groups ?? {})
  return {
    files: found.flatMap(({ file }) => file ?? []),
    environment: found.flatMap(({ variable }) => variable ?? []),
    commands: new Map(found.flatMap(({ name, program }) => (name && program ? [[name, program] as const] : []))),
  }
}
