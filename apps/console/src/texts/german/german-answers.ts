/** German words about answered alerts. */
import type { answerTexts } from '../../pages/alerts/english-answers.ts'
import type { Translated } from '../translation.ts'

export const germanAnswers: Translated<typeof answerTexts> = {
  acknowledge: 'Quittieren',
  shelve: 'Zurückstellen',
  unshelve: 'Wieder melden',
  acknowledged: (by) => `Quittiert von ${by}`,
  shelved: (by) => `Zurückgestellt von ${by}`,
  until: 'bis',
  acknowledgeTitle: 'Diese Warnung quittieren?',
  acknowledgeLead:
    'Sie bleibt in der Liste und ist still, bis sie endet. Tritt sie wieder auf, ist sie nicht quittiert. Alle sehen Ihren Namen und Ihre Bemerkung.',
  comment: 'Bemerkung (freiwillig)',
  commentHint: 'Für alle, die die Warnung sehen, und für das Prüfprotokoll.',
  shelveTitle: 'Diese Warnung zurückstellen?',
  shelveLead:
    'Sie ist für die gewählte Zeit still, auch wenn sie wieder auftritt. Danach meldet sie sich von selbst zurück.',
  span: 'Wie lange',
  spans: { 1: '1 Stunde', 4: '4 Stunden', 8: '8 Stunden', 24: '24 Stunden' },
  unshelveTitle: 'Diese Warnung wieder melden?',
  unshelveLead: 'Sie kehrt zu den Warnungen zurück, die eine Person brauchen, wenn sie noch besteht.',
  done: { acknowledge: 'Quittiert', shelve: 'Zurückgestellt', unshelve: 'Die Warnung wird wieder gemeldet' },
}
