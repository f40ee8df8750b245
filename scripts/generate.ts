/** `npm run generate`: writes the files that are derived from code and checked in. Tests compare each with the code. */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alertsPage } from './alerts-page.ts'
import { errorsPage } from './errors-page.ts'
import { permissionsPage } from './permissions-page.ts'
import { ROOT } from './step.ts'

/** Programs of the apps that write docs/cli.md and docs/openapi.json. */
const writers = ['apps/cli/src/write-reference.ts', 'apps/hub/src/http/write-openapi.ts']

await writeFile(join(ROOT, 'docs/errors.md'), errorsPage())
await writeFile(join(ROOT, 'docs/alerts.md'), alertsPage())
await writeFile(join(ROOT, 'docs/permissions.md'), permissionsPage())
for (const writer of writers) execFileSync(process.execPath, [join(ROOT, writer)], { cwd: ROOT, stdio: 'inherit' })
