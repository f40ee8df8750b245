import { expect, test } from 'vitest'
import { appAccessOf, appAccessTrouble } from './app-access-options.ts'

test.each(['gpu', 'network', 'device:/dev/ttyUSB0', 'folder:/srv/data', 'folder:/srv/data:rw', 'capability:NET_ADMIN'])(
  '--allow-app %s is a part of the device',
  (given) => {
    expect(appAccessTrouble({ 'allow-app': [given] })).toBeUndefined()
    expect(appAccessOf({ 'allow-app': [given] })).toEqual([given])
  },
)

test.each(['all', 'folder:srv', 'device:/etc/passwd', 'folder:/a:ro', '', 'capability:net'])(
  '--allow-app %s is rejected',
  (given) => {
    expect(appAccessTrouble({ 'allow-app': [given] })).toContain(`not ${JSON.stringify(given)}`)
  },
)

test('nothing is allowed by default', () => {
  expect(appAccessOf({})).toEqual([])
})
