/** The hub's version, from its package. */
import manifest from '../package.json' with { type: 'json' }

export const HUB_VERSION: string = manifest.version
