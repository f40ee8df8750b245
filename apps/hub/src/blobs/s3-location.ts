/**
 * S3 location: the address of the bucket. The credentials come from the environment, by the client's own rules, and
 * never from a command line.
 */

export type S3Location = {
  bucket: string
  /** Prefix of all keys; empty or ending in a slash. */
  prefix: string
  /** For stores other than Amazon's. */
  endpoint: string | undefined
  region: string
  /** Whether the bucket is named in the path rather than in the host. */
  isPathStyle: boolean
}

export type S3Wish = { blobs: string; endpoint: string | undefined; region: string | undefined; isPathStyle: boolean }

/** [S3 user guide, bucket naming rules] and slashes between plain names. */
const PLACE =
  /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*))?\/?$/

/** Stores other than Amazon's accept this name if they have no regions. */
const REGION = 'us-east-1'

/** Parses the options. The message of a failure names the option and its expected form. */
export function parseS3Location(
  wish: S3Wish,
  environment: NodeJS.ProcessEnv,
): { ok: true; location: S3Location } | { ok: false; message: string } {
  const match = PLACE.exec(wish.blobs)
  const [, bucket, folder] = match ?? []
  if (bucket === undefined) {
    return { ok: false, message: `--blobs must be s3://BUCKET or s3://BUCKET/PREFIX, not ${quote(wish.blobs)}` }
  }
  if (wish.endpoint !== undefined && !isEndpoint(wish.endpoint)) {
    return { ok: false, message: `--s3-endpoint must be https://HOST:PORT without a path, not ${quote(wish.endpoint)}` }
  }
  const region = wish.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? REGION
  if (!/^[a-z0-9-]{1,64}$/.test(region)) {
    return { ok: false, message: `--s3-region must be a name such as eu-central-1, not ${quote(region)}` }
  }
  const prefix = folder === undefined ? '' : `${folder}/`
  return { ok: true, location: { bucket, prefix, endpoint: wish.endpoint, region, isPathStyle: wish.isPathStyle } }
}

/** The URL has no name and password, because the list of processes would show them. */
function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, hash, username, password } = new URL(text)
  return ['https:', 'http:'].includes(protocol) && pathname === '/' && `${search}${hash}${username}${password}` === ''
}

const quote = (text: string) => JSON.stringify(text.slice(0, 100))
