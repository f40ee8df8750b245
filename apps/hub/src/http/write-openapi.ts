/** Writes docs/openapi.json: `node apps/hub/src/http/write-openapi.ts`. */
import { writeFile } from 'node:fs/promises'
import { openApiText } from './openapi.ts'

await writeFile(new URL('../../../../docs/openapi.json', import.meta.url), await openApiText())
