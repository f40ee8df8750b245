/**
 * Repository server: an image whose container loads models from `/models` over the model repository extension of the
 * Open Inference Protocol, written in a shell script. A model is a file `factor.txt`; it multiplies one integer by it.
 * A model whose file has no number cannot be loaded. The server forgets its models when it starts.
 */
import { busyboxImage, type TestImage } from './busybox-image.ts'

/** The port in the container. */
export const REPOSITORY_PORT = 8000

/** The folder in the container. */
export const REPOSITORY_PATH = '/models'

/** [Open Inference Protocol V2, model repository extension] */
const script = `#!/bin/sh
cr=$(printf '\\r')
read -r method path rest
length=0
while read -r line; do
  line=\${line%"$cr"}
  [ -z "$line" ] && break
  case "$line" in [Cc]ontent-[Ll]ength:*) length=\${line#*: } ;; esac
done
status='200 OK' out=''
name=$(printf '%s' "$path" | busybox sed -n 's#^/v2/\\(repository/\\)\\{0,1\\}models/\\([A-Za-z0-9.-]*\\).*#\\2#p')
loaded="/tmp/loaded/$name"
case "$method $path" in
  'GET /v2/health/ready') out='{}' ;;
  'POST /v2/repository/models/'*/load)
    factor=$(busybox cat "/models/$name/1/factor.txt" 2>/dev/null)
    case "$factor" in
      ''|*[!0-9]*) status='400 Bad Request' out='{"error":"factor.txt has no number"}' ;;
      *) printf '%s' "$factor" > "$loaded" ;;
    esac ;;
  'POST /v2/repository/models/'*/unload) busybox rm -f "$loaded" ;;
  'GET /v2/loaded') out=$(busybox ls /tmp/loaded) ;;
  *)
    if [ -z "$name" ] || [ ! -f "$loaded" ]; then status='404 Not Found' out='{"error":"unknown model"}'
    else
      factor=$(busybox cat "$loaded")
      case "$method $path" in
        *'/ready') ;;
        'GET '*) out='{"name":"'$name'","inputs":[{"name":"x","datatype":"INT32","shape":[-1]}],"outputs":[]}' ;;
        *'/infer')
          x=$(head -c "$length" | busybox sed 's/.*"data":\\[\\(-\\{0,1\\}[0-9]*\\)\\].*/\\1/')
          out='{"model_name":"'$name'","outputs":[{"name":"y","datatype":"INT32","shape":[1],"data":['$((x * factor))']}]}' ;;
        *) status='404 Not Found' ;;
      esac
    fi ;;
esac
printf 'HTTP/1.1 %s\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "$status" "\${#out}" "$out"
`

/** `request`: it loads a model when asked. `restart`: it loads all models of the folder when it starts. */
export function repositoryServerImage(load: 'request' | 'restart'): Promise<TestImage> {
  const find =
    load === 'request'
      ? ''
      : 'for folder in /models/*/; do n=$(busybox basename "$folder"); busybox cp "$folder/1/factor.txt" "/tmp/loaded/$n"; done;'
  const start = `busybox rm -rf /tmp/loaded; busybox mkdir -p /tmp/loaded; ${find}`
  return busyboxImage(`${start} exec busybox nc -ll -p ${REPOSITORY_PORT} -e /bin/sh /serve.sh`, { 'serve.sh': script })
}
