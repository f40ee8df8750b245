import { expect, test } from 'vitest'
import { readSwu, readSwuHead } from './swu.ts'

const entries = [
  { name: 'sw-description', sizeBytes: 10 },
  { name: 'sw-description.sig', sizeBytes: 10 },
  { name: 'root.ext4.gz', sizeBytes: 4_096 },
]

test('the version of the whole image is read, not that of a part or of a comment', () => {
  const description = `
    # version = "0.1";
    software = {
      gateway: { images: ( { filename = "root.ext4.gz"; version = "7.7"; } ); };
      // version = "0.2"; /* a word */
      version = "2.1 \\"beta\\"";
      description = "For gateways, version = 3";
      hardware-compatibility = [ "1.0", "1.1" ];
    }`
  expect(readSwu(entries, description)).toEqual({
    ok: true,
    image: {
      version: '2.1 \\"beta\\"',
      description: 'For gateways, version = 3',
      hardware: ['1.0', '1.1'],
      parts: [{ name: 'root.ext4.gz', sizeBytes: 4_096 }],
    },
  })
})

test('a description in JSON is read, too', () => {
  const description = '{ "software": { "version": "1.2", "hardware-compatibility": ["a:1"] } }'
  expect(readSwu(entries, description)).toMatchObject({ ok: true, image: { version: '1.2', hardware: ['a:1'] } })
})

test.each([
  ['without a description', entries.slice(1), 'its first file must be sw-description'],
  ['without a signature', [entries[0], entries[2]], 'not signed'],
  ['with too many files', [...entries, ...Array.from({ length: 300 }, () => entries[2])], 'over 256 files'],
])('an image %s is rejected', (_, files, message) => {
  const verdict = readSwu(files as typeof entries, 'software = { version = "1"; }')
  expect(verdict).toMatchObject({ ok: false, message: expect.stringContaining(message) })
})

test.each(['', 'version = "";', `version = "${'1'.repeat(65)}";`])('a description with %j is rejected', (version) => {
  expect(readSwu(entries, `software = { ${version} }`)).toMatchObject({ ok: false })
})

test('the head of an entry gives the places of its content and of the next head', () => {
  const field = (value: number) => value.toString(16).padStart(8, '0')
  const head = `070702${[1, 33_188, 0, 0, 1, 0, 5, 0, 0, 0, 0, 15, 0].map(field).join('')}`
  expect(readSwuHead(head, 4)).toEqual({ nameBytes: 15, sizeBytes: 5, contentAt: 132, nextAt: 140 })
  expect(readSwuHead(head.replace('070702', '070701'), 0)).toBeUndefined()
  expect(readSwuHead(head.slice(1), 0)).toBeUndefined()
  expect(readSwuHead(`070702${'f'.repeat(104)}`, 0)).toBeUndefined()
})
