/** Language card: the language of this browser's console. It belongs to the browser, as the theme does. */
import { Card } from '../../../components/card.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { browserLanguage, chooseLanguage, chosenLanguage, LANGUAGES, type Language } from '../../../texts/language.ts'
import { languageTexts as words } from './english-display.ts'

const CHOICES = Object.keys(LANGUAGES) as Language[]

export function LanguageCard() {
  const choose = (value: string) => chooseLanguage(CHOICES.find((choice) => choice === value))
  return (
    <Card title={words.title}>
      <Field label={words.label} hint={words.hint}>
        {(control) => (
          <Select {...control} value={chosenLanguage() ?? ''} onChange={({ target }) => choose(target.value)}>
            <option value="">{words.browser(LANGUAGES[browserLanguage])}</option>
            {CHOICES.map((choice) => (
              <option key={choice} value={choice} lang={choice}>
                {LANGUAGES[choice]}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </Card>
  )
}
