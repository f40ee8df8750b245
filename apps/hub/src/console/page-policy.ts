/** Page policy: the Content-Security-Policy of the console and of the documentation site. */

/** No foreign resources, no inline code, no frames: code injected into a page cannot run, and cannot send data away. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')
