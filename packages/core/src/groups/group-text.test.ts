import { expect, test } from 'vitest'
import { compileScope, isWithin } from '../people/scope.ts'
import { compileSelector } from '../selectors/selector.ts'
import { expandGroups, groupNames, withoutGroups } from './group-text.ts'

const known = new Map([
  ['pumps', 'device.labels.kind == "pump"'],
  ['north', 'site.country == "NO" || site.country == "SE" // Scandinavia'],
])

test.each([
  ['group:pumps', ['pumps']],
  ['group:pumps && !group:north || group:pumps', ['pumps', 'north']],
  ['device.name == "group:pumps"', []],
  ["device.name == 'group:pumps' // group:north", []],
  ['device.labels.group == "x"', []],
])('%s names the groups %j', (selector, names) => {
  expect(groupNames(selector)).toEqual(names)
})

test('a group becomes its selector in brackets, and texts stay as they are', () => {
  expect(expandGroups('!group:pumps && device.name != "group:pumps"', known)).toEqual({
    ok: true,
    text: '!(device.labels.kind == "pump") && device.name != "group:pumps"',
  })
  expect(expandGroups('group:pumps || group:fans', known)).toEqual({ ok: false, missing: 'fans' })
})

test('the expanded selector compiles, also with a comment inside, and an unexpanded one never picks a device', () => {
  const expanded = expandGroups('group:north && group:pumps', known)
  expect(expanded.ok && compileSelector(expanded.text).ok).toBe(true)
  expect(compileSelector('group:pumps').ok).toBe(false)
  expect(compileSelector(withoutGroups('group:any && device.online')).ok).toBe(true)
})

test('a scope that names a group holds selectors that name it, too', () => {
  expect(isWithin('group:pumps && device.online', 'group:pumps')).toBe(true)
  expect(isWithin('device.online', 'group:pumps')).toBe(false)
  expect(compileScope('group:pumps').ok).toBe(false)
})
