/** Image names: one spelling for the several that container tools accept for one image. */

/** `nginx`, `library/nginx:latest` and `docker.io/library/nginx` are one image: `nginx:latest`. */
export function plainImageName(name: string): string {
  const short = name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\/(?=[^/]+$)/, '')
  const last = short.slice(short.lastIndexOf('/') + 1)
  return last.includes(':') || last.includes('@') ? short : `${short}:latest`
}
