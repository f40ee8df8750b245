/** A machine behind a Sparkplug edge node that is not ours: says what it has, again and again, and does what it is told. */
import { startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { startEdge } from './sparkplug-edge.ts'

const STEADY = 'metrics { name: "steady" datatype: 10 double_value: 3.25 }'
const SENSOR = 'metrics { name: "sensor" datatype: 7 int_value: 59993 }'

export async function startSparkplugMachine(): Promise<AsyncDisposable & { port: number }> {
  const broker = await startMosquitto()
  let setpoint = '30'
  const writable = () => `metrics { name: "writable" datatype: 9 float_value: ${setpoint} }`
  const edge = await startEdge({
    port: broker.port,
    birth: (isDevice) => (isDevice ? `${STEADY} ${writable()} ${SENSOR}` : ''),
    onCommand(text) {
      setpoint = /float_value: ([\d.]+)/.exec(text)?.[1] ?? setpoint
    },
  })
  const speak = (text: () => string) => () => {
    if (edge.births > 0) edge.tell(text())
  }
  const often = setInterval(
    speak(() => `${STEADY} ${writable()}`),
    20,
  )
  const seldom = setInterval(
    speak(() => SENSOR),
    60,
  )
  return {
    port: broker.port,
    async [Symbol.asyncDispose]() {
      clearInterval(often)
      clearInterval(seldom)
      await edge[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
}
