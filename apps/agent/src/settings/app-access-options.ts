/** App access options: the parts of the device that apps may get. None by default. */

export const APP_ACCESS_FLAGS = { 'allow-app': { type: 'string', multiple: true } } as const

export const APP_ACCESS_HELP = `  --allow-app WHAT    a part of the device for apps: gpu, device:/dev/FILE, folder:/PATH (folder:/PATH:rw to write),
                      capability:NAME, network or privileged; may be repeated (default: none; a hub alone cannot open it)`

/** More than the apps of a device need, so that one command line fits several devices. */
const ALLOWED_MAX = 128

const ALLOWED = /^(gpu|network|privileged|device:\/dev\/[^:]+|folder:\/[^:]+(:rw)?|capability:[A-Z_]+)$/

type Flags = { 'allow-app'?: string[] | undefined }

/** The mistake in the arguments; undefined if there is none. */
export function appAccessTrouble({ 'allow-app': given = [] }: Flags): string | undefined {
  const wrong = given.find((text) => !ALLOWED.test(text))
  if (wrong !== undefined) {
    const shown = JSON.stringify(wrong.slice(0, 100))
    return `--allow-app must be gpu, network, privileged, device:/dev/FILE, folder:/PATH, folder:/PATH:rw or capability:NAME, not ${shown}`
  }
  return given.length > ALLOWED_MAX ? `--allow-app may be given at most ${ALLOWED_MAX} times` : undefined
}

export const appAccessOf = ({ 'allow-app': given = [] }: Flags): readonly string[] => given
