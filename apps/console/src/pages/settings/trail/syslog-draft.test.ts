import { SyslogWish } from '@skerry/contract/audit/audit-export'
import { expect, test } from 'vitest'
import { DEFAULTS, syslogWishOf, whyNot } from './syslog-draft.ts'

const draft = { ...DEFAULTS, host: 'siem.plant' }
const key = new Blob(['key'])

test('syslog needs only a host; empty fields are omitted and defaults apply', () => {
  const wish = syslogWishOf({ ...draft, port: undefined, serverName: ' ', authorityPem: '' }, undefined)
  expect(SyslogWish.parse(wish)).toEqual(SyslogWish.parse({ host: 'siem.plant' }))
  expect(whyNot(draft)).toBeUndefined()
  expect(whyNot(DEFAULTS)).toBe('Type the host first')
})

test('a client certificate and its key are sent only together', () => {
  expect(whyNot({ ...draft, certificatePem: 'PEM' })).toBe('Give the certificate and its key together')
  expect(whyNot({ ...draft, certificatePem: 'PEM', key })).toBeUndefined()
  expect(syslogWishOf({ ...draft, certificatePem: 'PEM', key }, 'key')).toMatchObject({
    certificatePem: 'PEM',
    privateKeyPem: 'key',
  })
  expect(syslogWishOf({ ...draft, certificatePem: '', key }, 'key')).not.toHaveProperty('privateKeyPem')
})
