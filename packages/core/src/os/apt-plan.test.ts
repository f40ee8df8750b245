import { PackageList } from '@skerry/contract/os/package-list'
import { expect, test } from 'vitest'
import { lackingPackages, planProblem, readAptPlan } from './apt-plan.ts'

const TEXT = `NOTE: This is only a simulation!
Reading package lists...
Remv old-tool [1.0-1]
Inst nano [7.2-1] (7.2-2 Debian:13 [amd64])
Inst libnew (1:2.0~rc1-1 local [all]) []
Conf nano (7.2-2 Debian:13 [amd64])`

test('the simulation of apt is read', () => {
  expect(readAptPlan(TEXT)).toEqual({
    installs: [
      { name: 'nano', version: '7.2-2' },
      { name: 'libnew', version: '1:2.0~rc1-1' },
    ],
    removes: ['old-tool'],
  })
})

test('a plan that removes a package, or changes a held one, is not allowed', () => {
  expect(planProblem(readAptPlan(TEXT), { hold: [] })).toContain('apt would remove old-tool')
  const installs = [{ name: 'nano', version: '7.2-2' }]
  expect(planProblem({ installs, removes: [] }, { hold: ['nano'] })).toContain('the list holds this package')
  expect(planProblem({ installs, removes: [] }, { hold: ['vim'] })).toBeUndefined()
})

test('packages of another version lack, and those that are missing', () => {
  const packages = [
    { name: 'a-one', version: '1' },
    { name: 'b-two', version: '2' },
    { name: 'c-three', version: '3' },
  ]
  const installed = new Map([
    ['a-one', '1'],
    ['b-two', '1'],
  ])
  expect(lackingPackages(packages, installed)).toEqual(['b-two', 'c-three'])
})

test.each([
  { packages: [{ name: '-o', version: '1' }] },
  { packages: [{ name: 'nano', version: '1 -o x' }] },
  { packages: [{ name: 'nano', version: '1/stable' }] },
  {
    packages: [
      { name: 'nano', version: '1' },
      { name: 'nano', version: '2' },
    ],
  },
  { packages: [{ name: 'nano', version: '1' }], hold: ['nano'] },
  { packages: [] },
  { packages: [{ name: 'nano', version: '1' }], script: 'rm' },
])('the list %j is rejected', (list) => {
  expect(PackageList.safeParse({ format: 'debian', version: '1', ...list }).success).toBe(false)
})
