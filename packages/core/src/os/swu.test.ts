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
  ['with an empty signature', [entries[0], { name: 'sw-description.sig', sizeBytes: 0 }], 'not signed'],
  ['with a steering name', [...entries, { name: 'a\u001B[2J', sizeBytes: 1 }], 'control character'],
  ['with too many files', [...entries, ...Array.from({ length: 300 }, () => entries[2])], 'over 256 files'],
])('an image %s is rejected', (_, files, message) => {
  const verdict = readSwu(files as typeof entries, 'software = { version = "1"; }')
  expect(verdict).toMatchObject({ ok: false, message: expect.stringContaining(message) })
})

test.each(['', 'version = "";', 'version = "1\u001B[2J";', `version = "${'1'.repeat(65)}";`])(
  'a description with %j is rejected',
  (version) => {
    expect(readSwu(entries, `software = { ${version} }`)).toMatchObject({ ok: false })
  },
)

test('a setting whose name ends in another name is not that setting', () => {
  const description = 'software = { min-version = "0.9"; version = "2.0"; hardware-compatibility: [ "a", "", 7 ]; };'
  expect(readSwu(entries, description)).toMatchObject({ ok: true, image: { version: '2.0', hardware: ['a'] } })
})

// Each of these took many seconds with a search from each place to the end of the text.
test.each([
  ['strings without an end', String.raw`\"`.repeat(100_000)],
  ['comments without an end', '/*'.repeat(100_000)],
  ['settings', '{version="",'.repeat(20_000)],
  ['lists without an end', 'hardware-compatibility=['.repeat(10_000)],
  ['a text that ends in an escape', `${'"a" '.repeat(40_000)}"\\`],
  ['one long string', `"${String.raw`\a`.repeat(100_000)}`],
])('a hostile description of %s is read once', (_, text) => {
  expect(readSwu(entries, text)).toMatchObject({ ok: false })
  expect(readSwu(entries, `software = { version = "1"; };\n${text}`)).toMatchObject({ image: { version: '1' } })
})

test('the head of an entry gives the places of its content and of the next head', () => {
  const field = (value: number) => value.toString(16).padStart(8, '0')
  const head = `070702${[1, 33_188, 0, 0, 1, 0, 5, 0, 0, 0, 0, 15, 0].map(field).join('')}`
  expect(readSwuHead(head, 4)).toEqual({ nameBytes: 15, sizeBytes: 5, contentAt: 132, nextAt: 140 })
  expect(readSwuHead(head.replace('070702', '070701'), 0)).toBeUndefined()
  expect(readSwuHead(head.slice(1), 0)).toBeUndefined()
  expect(readSwuHead(`070702${'f'.repeat(104)}`, 0)).toBeUndefined()
})
