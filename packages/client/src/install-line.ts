/** Install line: the one command that makes a new computer a device. CLI and console print the same. */

type InstallLine = {
  /** Where the devices reach the script of their hub. */
  url: string
  /** SHA-256 of the script, in hexadecimal digits. */
  digest: string
  token: string
  /** The name that the device would like. It is a name of a device, so it needs no quotes. */
  name?: string | undefined
}

/** curl checks no certificate here: the digest proves the script, and the script trusts only the authority in it. */
export const installLine = ({ url, digest, token, name }: InstallLine): string =>
  `s=$(curl -fsSk ${url}) && [ "$(printf '%s\\n' "$s" | sha256sum | cut -c1-64)" = ${digest} ] && ` +
  `printf '%s\\n' "$s" | sh -s -- --token ${token}${name === undefined ? '' : ` --name ${name}`} || { echo 'the script was not run, or it failed' >&2; false; }`
