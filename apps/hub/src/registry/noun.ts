/** The registry of container images, which container tools push to and pull from. */
import type { Noun } from '../nouns/noun.ts'
import { imageHandlers } from './image-handlers.ts'
import { sweepRegistryUploads } from './registry-sweep.ts'

type Handlers = { image: typeof imageHandlers }

const handlers: Handlers = { image: imageHandlers }

export const registryNoun = {
  handlers,
  purge: [
    ['registry_tags', ['organisation_id', 'repository', 'tag']],
    ['registry_parts', ['organisation_id', 'repository', 'manifest', 'digest']],
    ['registry_manifests', ['organisation_id', 'repository', 'digest']],
    ['registry_uploads', ['id']],
  ],
  sweeps: [{ name: 'registry_uploads', everyMs: 60_000, run: sweepRegistryUploads }],
} satisfies Noun
