/**
 * Chat server: an image whose container answers the widespread chat API, written in a shell script. The answer is a word,
 * and the last message of the conversation.
 */
import { busyboxImage, type TestImage } from './busybox-image.ts'

/** The port in the container. */
export const CHAT_PORT = 8000

const script = (word: string) => `#!/bin/sh
cr=$(printf '\\r')
read -r method path rest
length=0
while read -r line; do
  line=\${line%"$cr"}
  [ -z "$line" ] && break
  case "$line" in [Cc]ontent-[Ll]ength:*) length=\${line#*: } ;; esac
done
part() { printf 'data: {"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}\\n\\n' "$1"; }
case "$method $path" in
  'GET /v1/models')
    out='{"object":"list","data":[{"id":"small","object":"model"}]}'
    printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "\${#out}" "$out" ;;
  'POST /v1/chat/completions')
    last=$(head -c "$length" | busybox sed 's/.*"content":"\\([^"]*\\)".*/\\1/')
    printf 'HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\nConnection: close\\r\\n\\r\\n'
    part '${word} '
    part "$last"
    printf 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\\n\\n'
    printf 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\\n\\ndata: [DONE]\\n\\n' ;;
  *) printf 'HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' ;;
esac
`

/** A server whose answers begin with the word. */
export const chatServerImage = (word: string): Promise<TestImage> =>
  busyboxImage(`exec busybox nc -ll -p ${CHAT_PORT} -e /bin/sh /serve.sh`, { 'serve.sh': script(word) })
