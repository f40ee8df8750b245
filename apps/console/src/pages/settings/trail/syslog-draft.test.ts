import { SyslogWish } from '@skerry/contract/audit/audit-export'
import { expect, test } from 'vitest'
import { DEFAULTS, syslogWishOf, whyNot } from './syslog-draft.ts'

const draft = { ...DEFAULTS, host: 'siem.plant' }
const key = new Blob(['key'])

test('a host is enough: what is left empty is not said, and the usual port and facility count', () => {
  const wish = syslogWishOf({ ...draft, port: undefined, serverName: ' ', authorityPem: '' }, undefined)
  expect(SyslogWish.parse(wish)).toEqual(SyslogWish.parse({ host: 'siem.plant' }))
  expect(whyNot(draft)).toBeUndefined()
  expect(whyNot(DEFAULTS)).toBe('Say where it listens first')
})

test('a certificate is sent with its key only, and a key with its certificate only', () => {
  expect(whyNot({ ...draft, certificatePem: 'PEM' })).toBe('The certificate and its key go together')
  expect(whyNot({ ...draft, certificatePem: 'PEM', key })).toBeUndefined()
  expect(syslogWishOf({ ...draft, certificatePem: 'PEM', key }, 'key')).toMatchObject({
    certificatePem: 'PEM',
    privateKeyPem: 'key',
  })
  expect(syslogWishOf({ ...draft, certificatePem: '', key }, 'key')).not.toHaveProperty('privateKeyPem')
})
