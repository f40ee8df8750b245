/** `npm run generate`: writes the files that are derived from code and checked in. Tests compare each with the code. */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from '../step.ts'
import { alertsPage } from './alerts-page.ts'
import { connectorPages } from './connectors/connector-page.ts'
import { errorsPage } from './errors-page.ts'
import { permissionsPage } from './permissions-page.ts'
import { PROTOCOL_FORMS, protocolForms } from './protocol-forms.ts'
import { trainingPage } from './training-page.ts'

/** Programs of the apps that write docs/reference/cli.md and docs/reference/openapi.json. */
const writers = ['apps/cli/src/program/reference/write-reference.ts', 'apps/hub/src/http/documents/write-openapi.ts']

await writeFile(join(ROOT, 'docs/reference/errors.md'), errorsPage())
await writeFile(join(ROOT, 'docs/reference/alerts.md'), alertsPage())
await writeFile(join(ROOT, 'docs/reference/permissions.md'), permissionsPage())
await writeFile(join(ROOT, 'docs/models/training.md'), trainingPage())
for (const [path, page] of await connectorPages()) {
  await mkdir(dirname(join(ROOT, path)), { recursive: true })
  await writeFile(join(ROOT, path), page)
}
await writeFile(PROTOCOL_FORMS, await protocolForms())
for (const writer of writers) execFileSync(process.execPath, [join(ROOT, writer)], { cwd: ROOT, stdio: 'inherit' })
