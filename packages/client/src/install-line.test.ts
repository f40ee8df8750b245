import { expect, test } from 'vitest'
import { installLine } from './install-line.ts'

const facts = { url: 'https://hub.example:8443/install.sh', digest: 'ab'.repeat(32), token: 'skj_abc' }

test('the name of a device is an option of the script, before the command that reports a failure', () => {
  expect(installLine({ ...facts, name: 'press-7' })).toContain(' | sh -s -- --token skj_abc --name press-7 || {')
  expect(installLine(facts)).toContain(' | sh -s -- --token skj_abc || {')
})
