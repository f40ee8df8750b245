/** OIP app: an app whose container answers for models over the Open Inference Protocol, written in a shell script. */
import { appFiles } from '@skerry/testkit/containers/app-files'
import { busyboxImage } from '@skerry/testkit/containers/busybox-image'

const PORT = 8000

/** Answers for the model `times`, which multiplies one integer. */
const script = (factor: number) => `#!/bin/sh
cr=$(printf '\\r')
read -r method path rest
length=0
while read -r line; do
  line=\${line%"$cr"}
  [ -z "$line" ] && break
  case "$line" in [Cc]ontent-[Ll]ength:*) length=\${line#*: } ;; esac
done
status='200 OK'
case "$method $path" in
  'GET /v2/health/ready') out='{}' ;;
  'GET /v2/models/times') out='{"name":"times","inputs":[{"name":"x","datatype":"INT32","shape":[-1]}],"outputs":[]}' ;;
  'POST /v2/models/times/infer')
    x=$(head -c "$length" | busybox sed 's/.*"data":\\[\\(-\\{0,1\\}[0-9]*\\)\\].*/\\1/')
    out='{"model_name":"times","outputs":[{"name":"y","datatype":"INT32","shape":[1],"data":['$((x * ${factor}))']}]}' ;;
  *) status='404 Not Found' out='{"error":"unknown"}' ;;
esac
printf 'HTTP/1.1 %s\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "$status" "\${#out}" "$out"
`

/** A release whose server multiplies by the factor, behind this port of the device. */
export async function timesApp(factor: number, port: number) {
  const image = await busyboxImage(`exec busybox nc -ll -p ${PORT} -e /bin/sh /serve.sh`, {
    'serve.sh': script(factor),
  })
  return appFiles({
    server: {
      image,
      stopSignal: 'SIGKILL',
      ports: [{ host: port, container: PORT, protocol: 'tcp', address: '127.0.0.1' }],
      serves: [{ model: 'times', port: PORT, protocol: 'oip' }],
    },
  })
}

const INT32 = (value: number) => ({
  datatype: 'INT32' as const,
  shape: [1],
  data: Buffer.from(Int32Array.of(value).buffer).toString('base64'),
})

/** A version of the model that the app must multiply by `factor`. */
export const servedTimes = (app: string, factor: number) => ({
  'served.json': JSON.stringify({
    v: 1,
    app,
    model: 'times',
    inputs: [{ name: 'x', datatype: 'INT32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'INT32', shape: [-1] }],
  }),
  'golden.json': JSON.stringify({
    tolerance: { absolute: 0, relative: 0 },
    cases: [{ inputs: { x: INT32(3) }, outputs: { y: INT32(3 * factor) } }],
  }),
})

/** The status of a request for the model on the endpoint of the agent, and its answer. */
export async function askTimes(rest: string, x: number): Promise<{ status: number; y?: number }> {
  const inputs = [{ name: 'x', datatype: 'INT32', shape: [1], data: [x] }]
  const response = await fetch(`${rest}/v2/models/times/infer`, { method: 'POST', body: JSON.stringify({ inputs }) })
  const reply = (await response.json()) as { outputs?: { data: number[] }[] }
  const y = reply.outputs?.[0]?.data[0]
  return { status: response.status, ...(y !== undefined && { y }) }
}
