import { installWarnings } from '@skerry/core/joining/install-warnings'
import { expect, test } from 'vitest'
import { styleOf } from '../../../program/terminal/style.ts'
import { noteInstallWarnings } from './install-notes.ts'

test('each warning ends with the commands that help, one a line', () => {
  const notes: string[] = []
  const style = styleOf({ isTTY: false, columns: 80, write: () => true }, {})
  const session = { style, note: (text: string) => notes.push(text) }
  const local = {
    hub: 'https://127.0.0.1:8443',
    listen: { host: '127.0.0.1', port: 8443 },
    addresses: ['192.168.4.7', '10.0.0.2'],
  }
  noteInstallWarnings(session, installWarnings({ packages: [], local }))
  expect(notes).toEqual([
    'Warning: this hub has no agent package, so it cannot install a device yet. Make a package in a checkout of Skerry, and push it:',
    '  npm run pack',
    '  skerry agent push .skerry/packages/skerry-agent-linux-x64.tar --alias stable',
    'Warning: only a device on the computer of the hub reaches https://127.0.0.1:8443. The hub listens for its own computer only. Restart it with these options for other devices, and create the token again:',
    '  --listen 0.0.0.0:8443 --public-url https://192.168.4.7:8443',
    '  --listen 0.0.0.0:8443 --public-url https://10.0.0.2:8443',
  ])
})
