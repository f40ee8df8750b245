/** A process of the bare relay: `hub FILE`, or `agent FILE HUB_PORT SOURCE_PORT`. The first byte names the side. */
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'

const [role, file = '', hubPort = '', sourcePort = ''] = process.argv.slice(2)
const { ca, cert, key } = JSON.parse(readFileSync(file, 'utf8')) as { ca: string; cert: string; key: string }

if (role === 'hub') runHub()
else runAgent()

function runHub(): void {
  let device: TLSSocket | undefined
  const server = createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
    socket.setNoDelay(true)
    socket.once('data', (first: Buffer) => {
      socket.pause()
      if (first.toString() === 'd') {
        device = socket
        return
      }
      if (!device) return
      device.pipe(socket)
      socket.pipe(device)
      device.write('g')
    })
  })
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port))
}

function runAgent(): void {
  const hub = connect({ host: '127.0.0.1', port: Number(hubPort), ca, minVersion: 'TLSv1.3' }, () => {
    hub.setNoDelay(true)
    hub.write('d')
    process.send?.('ready')
  })
  hub.once('data', () => {
    const source = connectTcp(Number(sourcePort), '127.0.0.1')
    source.pipe(hub)
    hub.pipe(source)
  })
}
