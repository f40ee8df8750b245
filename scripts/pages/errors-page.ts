/** Writes docs/reference/errors.md out of the table of error codes. */
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import { errorAdvice } from './error-advice.ts'

const head = `# Error codes

Every error of the API has the same shape, over HTTP and on the device link, and in \`skerry --json\`:

\`\`\`json
{ "defined": true, "code": "site_unknown", "status": 404, "message": "no such site; \\"skerry site ls\\" lists them", "data": null }
\`\`\`

Branch on \`code\`: codes are part of the API, and none is ever used for something else. Messages are for people and may change.
Each code has a page of its own at \`/guide/errors/CODE\` on your hub, with the calls that answer with it.
This page is written by \`npm run generate\` from \`packages/contract/src/errors/errors.ts\` and \`scripts/pages/error-advice.ts\`.
`

/** The whole page. Each code has a heading, so that a link leads to it. */
export function errorsPage(): string {
  const parts = (Object.keys(errors) as ErrorCode[]).map((code) => {
    const { status, message } = errors[code]
    return `\n## \`${code}\`\nStatus ${status}: ${message}\n\n**What to do.** ${errorAdvice[code]}\n`
  })
  return head + parts.join('')
}
