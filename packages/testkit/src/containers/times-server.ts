/**
 * Times server: an image whose container answers for the model `times` over the Open Inference Protocol, written in a
 * shell script. The model multiplies one integer.
 */
import { busyboxImage, type TestImage } from './busybox-image.ts'

/** The port in the container. */
export const TIMES_PORT = 8000

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

/** A server that multiplies by the factor. */
export const timesServerImage = (factor: number): Promise<TestImage> =>
  busyboxImage(`exec busybox nc -ll -p ${TIMES_PORT} -e /bin/sh /serve.sh`, { 'serve.sh': script(factor) })
