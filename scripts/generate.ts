/** `npm run generate`: writes what is derived from code and checked in. Tests compare each with the code. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorsPage } from './errors-page.ts'
import { ROOT } from './step.ts'

await writeFile(join(ROOT, 'docs/errors.md'), errorsPage())
