/** `skerry source write` */
import { TagContent, TagName } from '@skerry/contract/tag'
import { command, fits, flag, required } from '../command.ts'
import { connectSource } from '../connected-source.ts'
import { fail } from '../failure.ts'
import { readSource } from '../source-file.ts'
import { secretsOption, surroundingsOf } from '../source-surroundings.ts'
import { contentText } from '../tag-view.ts'

export const writeTag = command({
  name: 'source write',
  summary: 'Write one tag of a source, from this machine',
  details:
    'Equipment acts on what is written: asks first, and writes only tags that have "write" in the file, within its bounds. Read again ' +
    'afterwards, unless the tag says otherwise. The hub is not asked, so its audit trail does not tell of it.',
  examples: ['skerry source write press-7.yaml setpoint 21.5', 'skerry source write press-7.yaml lamp true --yes'],
  arguments: {
    file: required('<file>', 'YAML of one source', String),
    tag: required('<tag>', 'name of the tag', fits(TagName)),
    content: required('<value>', 'number, true, false or text', parseContent),
  },
  options: { secrets: secretsOption, isAgreed: flag('-y, --yes', 'do not ask') },
  async run({ file, tag, content, secrets, isAgreed }, session) {
    const { source } = await readSource(file)
    const surroundings = await surroundingsOf(source, secrets, session)
    await session.confirm(`write ${contentText(content)} to ${tag} of ${source.name}`, isAgreed)
    await using host = await connectSource({ source, ...surroundings }, session)
    const outcome = await host.write(tag, content)
    if (!outcome.ok) throw fail(outcome.code, outcome.message)
    session.print({
      json: { source: source.name, tag, value: content },
      text: () => `${tag} is ${contentText(content)}`,
    })
  },
})

/** As YAML would have it, where it is one value. */
function parseContent(text: string): TagContent {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return TagContent.parse(Number.isNaN(number) ? text : number)
}
