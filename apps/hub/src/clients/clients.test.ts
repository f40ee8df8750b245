import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import fastify from 'fastify'
import { afterAll, expect, test } from 'vitest'
import { HUB_VERSION } from '../version.ts'
import { installClients } from './client-routes.ts'
import { pythonWheel } from './wheel.ts'

const app = fastify()
installClients(app)
afterAll(() => app.close())

const NAME = `skerry-${HUB_VERSION}-py3-none-any.whl`
const source = await readFile(new URL('../../../../clients/python/skerry.py', import.meta.url))

test('the page links to the package of the version of the hub, which is the packed one', async () => {
  expect((await app.inject('/clients')).headers.location).toBe('/clients/')
  const page = await app.inject('/clients/')
  expect(page.body).toContain(`<a href="${NAME}">`)
  const { rawPayload } = await app.inject(`/clients/${NAME}`)
  expect(rawPayload.equals(Buffer.from(pythonWheel(source).bytes))).toBe(true)
  expect((await app.inject('/clients/skerry.py')).rawPayload.equals(source)).toBe(true)
  expect((await app.inject('/clients/..%2Fpackage.json')).statusCode).not.toBe(200)
})

test('the package is what Python reads: each file has the digest of its record', () => {
  const check = `
import base64, csv, hashlib, io, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
[record] = [name for name in archive.namelist() if name.endswith("/RECORD")]
rows = {row[0]: row[1:] for row in csv.reader(io.TextIOWrapper(archive.open(record)))}
assert set(rows) == set(archive.namelist())
for name, (digest, size) in rows.items():
    data = archive.read(name)
    if name == record: continue
    expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    assert (digest, size) == ("sha256=" + expected, str(len(data))), name
print(len(rows))
`
  const { stdout, stderr } = spawnSync('python3', ['-c', check], { input: pythonWheel(source).bytes, encoding: 'utf8' })
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '5', stderr: '' })
})

test('a client without a version is no package', () => {
  expect(() => pythonWheel(Buffer.from('x = 1'))).toThrow('__version__')
})
