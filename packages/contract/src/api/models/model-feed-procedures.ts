/** Procedures on model feeds. */
import * as z from 'zod'
import { MODEL_FEEDS_MAX, ModelFeed, ModelFeedSpec } from '../../model-feeds/model-feed.ts'
import { Name, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const named = z.strictObject({ name: Name })

export const modelFeedProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/model-feeds',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the models of other systems that the hub imports again when they change',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(ModelFeed).max(MODEL_FEEDS_MAX) })),
  get: procedure({
    method: 'GET',
    path: '/v1/model-feeds/{name}',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show a model feed, its last version, and its problem',
    errors: ['model_feed_unknown'],
  })
    .input(named)
    .output(ModelFeed),
  set: procedure({
    method: 'PUT',
    path: '/v1/model-feeds/{name}',
    access: 'model.write',
    // A feed sets aliases, and an alias applies everywhere.
    scope: 'none',
    approval: 'none',
    summary: 'Import a model of another system, and again when it changes there',
    errors: ['model_feed_refused', 'encryption_key_unavailable'],
  })
    .input(
      z.strictObject({
        name: Name,
        spec: ModelFeedSpec,
        /** Absent keeps the present token, unless the host changes. Empty removes it. */
        accessToken: z.string().max(4_000).optional(),
      }),
    )
    .output(z.strictObject({ change: z.enum(['created', 'updated']), feed: ModelFeed })),
  pause: procedure({
    method: 'POST',
    path: '/v1/model-feeds/{name}/pause',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    summary: 'Pause a model feed: it imports nothing',
    errors: ['model_feed_unknown'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(ModelFeed),
  resume: procedure({
    method: 'POST',
    path: '/v1/model-feeds/{name}/resume',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    summary: 'Resume a paused model feed; the hub checks it at once',
    errors: ['model_feed_unknown'],
  })
    .input(named)
    .output(ModelFeed),
  sync: procedure({
    method: 'POST',
    path: '/v1/model-feeds/{name}/sync',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    summary: 'Check a model feed now; with isAnew, fetch the model even if the place says that it is the same',
    errors: ['model_feed_unknown'],
  })
    .input(z.strictObject({ name: Name, isAnew: z.boolean().default(false) }))
    .output(ModelFeed),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/model-feeds/{name}',
    access: 'model.write',
    scope: 'none',
    approval: 'none',
    summary: 'Remove a model feed; the versions that it pushed stay',
    errors: ['model_feed_unknown'],
  })
    .input(named)
    .output(z.strictObject({})),
}
