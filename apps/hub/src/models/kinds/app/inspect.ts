/** Inspects pushed apps: the hub reads app.json and checks that each image is complete. It runs no container. */
import { appAccess } from '@skerry/core/apps/app-access'
import { appPathProblem } from '@skerry/core/apps/image-blobs'
import { problem, throwProblem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'
import { APP_BYTES_MAX, readApp } from './read-app.ts'

export const appInspector: Inspector<'app'> = {
  plural: 'apps',
  // An app has no golden cases.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    const wrong = files.map(appPathProblem).find((found) => found !== undefined)
    if (wrong !== undefined) throw problem('input_invalid', wrong)
    if (golden) throw problem('input_invalid', 'golden inputs are for models; an app has a health check')
  },
  // Layers can have gigabytes, and their digests already prove them.
  reads: ({ sizeBytes }) => sizeBytes <= APP_BYTES_MAX,
  async inspect({ staged, files }) {
    const read = await readApp(staged.folder, files)
    if (!read.ok) throwProblem(read)
    return { summary: read.app, golden: undefined, goldenCases: 0 }
  },
  needs: (app) => (appAccess(app).length > 0 ? ['app.host'] : []),
  access: appAccess,
  detail: (common, app) => ({ ...common, kind: 'app', app }),
  opset: () => 0,
}
