import { namedTensorOf } from '@skerry/client/named-tensor'
import { expect, test } from 'vitest'
import { languagesOf, snippetOf, TARGETS } from './run-snippets.ts'

const x = namedTensorOf({ name: 'x', datatype: 'FP32', shape: [-1, 2] }, [[1, -2.5]])
const run = {
  hub: 'https://hub.example:8443',
  device: 'press-1',
  model: 'pump',
  version: 3,
  inputs: [x],
  rest: 'http://127.0.0.1:9000/',
}

test('a device has no snippet of the CLI, which goes through the hub', () => {
  expect(languagesOf('hub')).toEqual(['cli', 'curl', 'python', 'node'])
  expect(languagesOf('device')).toEqual(['curl', 'python', 'node'])
})

test('each snippet names the address of its target, and only the hub gets a key', () => {
  for (const language of languagesOf('device')) {
    const device = snippetOf(run, 'device', language)?.text
    expect(device, language).toContain('http://127.0.0.1:9000/v2/models/pump/versions/3/infer')
    expect(device, language).not.toMatch(/SKERRY_KEY|ca\.pem/)
    const hub = snippetOf(run, 'hub', language)?.text
    expect(hub, language).toContain('https://hub.example:8443/v1/devices/press-1/models/pump/infer')
    expect(hub, language).toMatch(/SKERRY_KEY/)
    expect(hub, language).toMatch(/ca\.pem/)
  }
  expect(snippetOf({ ...run, rest: undefined }, 'device', 'curl')?.text).toContain('http://127.0.0.1:8500/v2/')
})

test('Python gets its own words for true and false, and safe texts', () => {
  const flags = namedTensorOf({ name: 'b', datatype: 'BOOL', shape: [-1] }, [true, false])
  const words = namedTensorOf({ name: 't', datatype: 'BYTES', shape: [-1] }, ['it\'s "so"', 'ü\n'])
  const text = snippetOf({ ...run, inputs: [flags, words] }, 'device', 'python')?.text
  expect(text).toContain('[True, False]')
  expect(text).toContain(String.raw`["it's \"so\"", "ü\n"]`)
})

test('long inputs are in a file for each language', () => {
  const numbers = Array.from({ length: 5_000 }, (_, index) => index)
  const inputs = [namedTensorOf({ name: 'x', datatype: 'FP32', shape: [-1] }, numbers)]
  for (const target of TARGETS)
    for (const language of languagesOf(target)) {
      const snippet = snippetOf({ ...run, inputs }, target, language)
      expect(snippet?.isInFile, language).toBe(true)
      expect(snippet?.text, language).toContain('inputs.json')
    }
})

test('inputs without JSON go through the hub only', () => {
  const inputs = [{ name: 'h', datatype: 'FP16' as const, shape: [1], data: 'ADw=' }]
  expect(snippetOf({ ...run, inputs }, 'device', 'node')).toBeUndefined()
  expect(snippetOf({ ...run, inputs }, 'hub', 'cli')).toBeUndefined()
  expect(snippetOf({ ...run, inputs }, 'hub', 'node')?.text).toContain('ADw=')
})
