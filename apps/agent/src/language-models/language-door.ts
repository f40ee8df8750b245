/**
 * Language door: the paths below `/v1/` on the port of the Open Inference Protocol. Their code is loaded with the first
 * request to a device that has a language model.
 */
import type { ServerResponse } from 'node:http'
import type { BesideHandler } from '@skerry/inference/rest/rest-server'
import type { LanguagePart } from '../kinds/gguf/slot-host.ts'

/** Takes the requests of these paths. */
export function languageDoor({ host }: Pick<LanguagePart, 'host'>): BesideHandler {
  return (request, response, readBody) => {
    if (request.url?.startsWith('/v1/') !== true) return false
    const languages = host()
    if (!languages) answerEmpty(request.url, response)
    else void import('./chat-api.ts').then(({ answerChat }) => answerChat(languages, { request, response, readBody }))
    return true
  }
}

function answerEmpty(url: string, response: ServerResponse): void {
  const isList = url.split('?')[0] === '/v1/models'
  const message = 'this device has no language model; deploy one to it'
  const body = isList
    ? { object: 'list', data: [] }
    : { error: { message, type: 'invalid_request_error', code: 'model_unknown' } }
  response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
