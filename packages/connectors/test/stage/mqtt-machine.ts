/** A machine that speaks MQTT by mosquitto's own clients: says what it has, again and again, and does what it is told. */
import { type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'

export async function startMqttMachine(): Promise<AsyncDisposable & { port: number }> {
  const broker = await startMosquitto()
  const stop = await speak(broker)
  return {
    port: broker.port,
    async [Symbol.asyncDispose]() {
      stop()
      await broker[Symbol.asyncDispose]()
    },
  }
}

async function speak({ publisher, listen }: Mosquitto): Promise<() => void> {
  const [steady, writable, sensor] = ['steady', 'writable', 'sensor'].map((name) => publisher(`machine/${name}`))
  let setpoint = '30'
  await listen('machine/set', (line) => {
    setpoint = line
  })
  const often = setInterval(() => {
    steady?.say('3.25')
    writable?.say(setpoint)
  }, 20)
  const seldom = setInterval(() => sensor?.say('{"raw":59993}'), 40)
  return () => {
    clearInterval(often)
    clearInterval(seldom)
  }
}
