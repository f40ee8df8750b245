import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import { Sink } from '@skerry/contract/sinks/sink'
import { command, required } from '../../program/command.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'
import { writtenSink } from './sink-file.ts'

export const checkSink = command({
  name: 'sink check',
  summary: 'Check the file of a sink, and show its queue and the secrets that it needs',
  details: 'Connects to nothing. A device has the secrets; "skerry secret ls" lists those at the hub.',
  examples: ['skerry sink check plant-database.yaml'],
  arguments: { file: required('<file>', 'YAML of one sink', String) },
  options: {},
  async run({ file }, session) {
    const spec = await writtenSink(file)
    const { name, protocol, queue, batch } = Sink.parse(spec)
    const secrets = secretsNamedIn(spec)
    session.print({
      json: { name, protocol, queue, batch, secrets },
      text: () =>
        factsOf(session.style, [
          ['sink', name],
          ['protocol', protocol],
          ['queue', `${sizeText(queue.bytesMax)}, values wait ${queue.ageMaxSeconds} s at most`],
          ['batch', `${batch.valuesMax} values at most, gathered for ${batch.lingerMs} ms`],
          ['secrets', secrets.length === 0 ? 'none' : secrets.join(', ')],
        ]),
    })
  },
})
