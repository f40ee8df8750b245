/** Proxy options: the way to the hub before any settings of the hub count, and without them. */
export const PROXY_FLAGS = { proxy: { type: 'string' } } as const

export const PROXY_HELP = `  --proxy URL         reach the hub through an HTTP proxy, such as http://proxy.example.com:3128 (default: directly)`

type Flags = { proxy?: string | undefined }

/** The mistake in the arguments; undefined if there is none. */
export function proxyTrouble({ proxy }: Flags): string | undefined {
  if (proxy === undefined || proxyIn(proxy) !== undefined) return undefined
  return `--proxy must be http://HOST:PORT without a password, not ${JSON.stringify(proxy.slice(0, 100))}`
}

/** The proxy in the form of the settings; undefined if there is none. */
export const proxyOf = ({ proxy = '' }: Flags): string | undefined => proxyIn(proxy)

function proxyIn(text: string): string | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' || url.hostname === '' || url.username !== '' || url.pathname !== '/') return undefined
  return `http://${url.hostname}:${url.port || '80'}`
}
