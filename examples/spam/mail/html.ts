const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', copy: '©' }

/** The visible text of a page: no tags, styles, scripts or comments; links are marked, since spam depends on them. */
export const textOfHtml = (html: string): string =>
  html
    .replace(/<!--[^]*?(-->|$)/g, '')
    .replace(/<(script|style|title)\b[^]*?(<\/\1\s*>|$)/gi, ' ')
    .replace(/<a\b[^>]*href[^>]*>/gi, ' [link] ')
    .replace(/<img\b[^>]*>/gi, ' [picture] ')
    .replace(/<(br|p|div|tr|li|h\d)\b[^>]*>/gi, '\n')
    .replace(/<\/?[a-z!][^>]*(>|$)/gi, '')
    .replace(/&(#x?[0-9a-f]+|[a-z]+);?/gi, (whole, name: string) => {
      if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? whole
      const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10)
      return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : ''
    })
