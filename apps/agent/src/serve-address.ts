/** Serve address: the origin at which gateways of routes reach the device. */

/** `http://HOST:PORT` of the address; undefined if it has a path, or another scheme. */
export function originOf(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address)
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
  return isOrigin && url.href.length <= 300 ? url.origin : undefined
}

/** The mistake in the address; undefined if there is none. */
export function serveTrouble({
  'serve-address': address,
}: {
  'serve-address'?: string | undefined
}): string | undefined {
  if (address === undefined || originOf(address) !== undefined) return undefined
  return `--serve-address must be http://HOST:PORT or https://HOST:PORT, not ${JSON.stringify(address.slice(0, 100))}`
}
