import { readFile } from 'node:fs/promises'
import { byteRoutes } from '@skerry/contract/api'
import { errors } from '@skerry/contract/errors/errors'
import { expect, test } from 'vitest'
import { openApiDocument, openApiText, procedures } from './openapi.ts'
import { renderReference } from './reference.ts'

test('docs/reference/openapi.json is what the contract says; write it with node apps/hub/src/http/documents/write-openapi.ts', async () => {
  const kept = await readFile(new URL('../../../../../docs/reference/openapi.json', import.meta.url), 'utf8')
  expect(JSON.parse(kept)).toEqual(JSON.parse(await openApiText()))
})

test('every procedure is described, with its permission and its errors', async () => {
  const document = await openApiDocument()
  const paths = document.paths as Record<string, Record<string, Record<string, unknown>>>
  for (const { name, method, path, access } of procedures()) {
    const operation = paths[path]?.[method]
    expect(operation, name).toMatchObject({ operationId: name, 'x-skerry-permission': access })
    expect(Object.keys(operation?.responses ?? {}), name).toContain('500')
  }
})

test('the reference has every procedure, an example for it, and neither scripts nor anything from elsewhere', async () => {
  const { html, policy } = renderReference(await openApiDocument())
  for (const { name, path } of procedures()) {
    expect(html).toContain(`id="${name}"`)
    expect(html).toContain(path)
  }
  expect(html.match(/<pre>curl/g)).toHaveLength(procedures().length + Object.keys(byteRoutes).length)
  expect(html).toContain(errors.token_refused.message.replaceAll('"', '&quot;'))
  expect(html).not.toMatch(/<script|<img|<link|src=|javascript:/i)
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
})
