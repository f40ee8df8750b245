import { expect, test } from 'vitest'
import { emailOf, groupsOf, isMultiFactor, isOfDomain, roleOfGroups } from './single-sign-on.ts'

test('groups are found under a claim, also inside an object, and nowhere that JavaScript put something', () => {
  expect(groupsOf({ groups: ['a', 7, 'b'] }, 'groups')).toEqual(['a', 'b'])
  expect(groupsOf({ groups: 'a' }, 'groups')).toEqual(['a'])
  expect(groupsOf({ realm_access: { roles: ['a'] } }, 'realm_access.roles')).toEqual(['a'])
  expect(groupsOf({ 'https://x.example/groups': ['a'] }, 'https://x.example/groups')).toEqual(['a'])
  for (const name of ['none', 'constructor.name', 'groups.length', '__proto__']) {
    expect(groupsOf({ groups: {} }, name), name).toEqual([])
  }
  expect(groupsOf({ groups: Array.from({ length: 1_001 }, () => 'a') }, 'groups')).toEqual([])
})

test('the first rule that fits decides, whatever the order of the groups', () => {
  const roles = [
    { group: 'admins', role: 'administrator' as const },
    { group: 'staff', role: 'viewer' as const },
  ]
  expect(roleOfGroups(['staff', 'admins'], { roles })).toBe('administrator')
  expect(roleOfGroups(['staff'], { roles, roleOtherwise: 'auditor' })).toBe('viewer')
  expect(roleOfGroups(['other'], { roles, roleOtherwise: 'auditor' })).toBe('auditor')
  expect(roleOfGroups(['other', 'Admins'], { roles })).toBeUndefined()
})

test('a domain is the whole of what stands behind the last @', () => {
  const domains = ['plant.example']
  expect(isOfDomain('ann@plant.example', domains)).toBe(true)
  expect(isOfDomain('ann@anywhere.example', [])).toBe(true)
  for (const email of ['ann@evil-plant.example', 'ann@sub.plant.example', '"ann@plant.example"@evil.example', 'ann']) {
    expect(isOfDomain(email, domains), email).toBe(false)
  }
})

test('two methods of one kind are one factor, and a provider that says nothing has asked for one', () => {
  const cases: [unknown, boolean][] = [
    [['mfa'], true],
    [['pwd', 'otp'], true],
    [['face', 'hwk'], true],
    [['pwd', 'pin'], false],
    [['otp'], false],
    [[], false],
    ['mfa', false],
    [undefined, false],
  ]
  for (const [amr, expected] of cases) expect(isMultiFactor({ amr }, []), String(amr)).toBe(expected)
  expect(isMultiFactor({ acr: 'gold' }, ['gold'])).toBe(true)
  expect(isMultiFactor({ acr: 'silver' }, ['gold'])).toBe(false)
})

test('an address counts where the provider vouches for it', () => {
  expect(emailOf({ email: 'Ann@Plant.example', email_verified: true }, false)).toBe('ann@plant.example')
  expect(emailOf({ email: 'ann@plant.example' }, true)).toBe('ann@plant.example')
  expect(emailOf({ email: 'ann@plant.example' }, false)).toBeUndefined()
  expect(emailOf({ email: 'ann@plant.example', email_verified: 'true' }, false)).toBeUndefined()
  expect(emailOf({ email: 'ann@plant.example', email_verified: false }, true)).toBeUndefined()
  expect(emailOf({ email_verified: true }, false)).toBeUndefined()
})
