/** Writes docs/reference/openapi.json: `node apps/hub/src/http/documents/write-openapi.ts`. */
import { writeFile } from 'node:fs/promises'
import { openApiText } from './openapi.ts'

await writeFile(new URL('../../../../../docs/reference/openapi.json', import.meta.url), await openApiText())
