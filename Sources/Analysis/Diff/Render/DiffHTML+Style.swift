extension DiffHTML {
  /// SHA-256 of `style` in Base64: the page's content security policy lets no other style in.
  package static let styleDigest = "gKGdgDqbpjGiHOGoBJYkLMyhja3F943ob2P8HP3lsVg="

  // Colours are named by role. Text on its ground has a contrast of at least 4.5 in both schemes.
  package static let style = """
    :root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#14181f;--soft:#535d6b;--line:#dde1e7;--well:#f7f8fa;\
    --looser:#a8400a;--looser-bg:#fff1e4;--looser-line:#f0913a;--tighter:#1650b8;--tighter-bg:#ebf2ff;\
    --tighter-line:#5b93f5;--both:#6527c4;--both-bg:#f4eeff;--both-line:#a27bea;--equal-line:#c3cad4;\
    --allow:#05603a;--allow-bg:#dcf5e7;--audit:#7a4504;--audit-bg:#fdf0b8;--block:#9c1c13;--block-bg:#fde1de;\
    --minus:#9c1c13;--minus-bg:#fff4f3;--plus:#05603a;--plus-bg:#effaf4;--focus:#1650b8;\
    --mono:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;\
    --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif}
    @media (prefers-color-scheme:dark){:root{--bg:#0d1015;--card:#151a21;--ink:#e7ebf1;--soft:#9ba6b5;--line:#2a313b;\
    --well:#10141a;--looser:#ffb473;--looser-bg:#30200f;--looser-line:#d97a21;--tighter:#8fbcff;--tighter-bg:#12233f;\
    --tighter-line:#3f7ee0;--both:#c9adff;--both-bg:#251a3c;--both-line:#8a5ce0;--equal-line:#434c59;\
    --allow:#74e0a8;--allow-bg:#0e2c1e;--audit:#f5d565;--audit-bg:#2f2708;--block:#ff9f95;--block-bg:#3a1713;\
    --minus:#ff9f95;--minus-bg:#1f1413;--plus:#74e0a8;--plus-bg:#0f1c16;--focus:#8fbcff}}
    *{box-sizing:border-box}
    html{scroll-behavior:smooth;scroll-padding-top:4.5rem;-webkit-text-size-adjust:100%}
    @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
    body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.55 var(--sans);overflow-wrap:anywhere}
    a{color:inherit}
    :focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
    code,pre{font-family:var(--mono);font-size:.875em}
    .skip{position:absolute;left:-99rem}
    .skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:9}
    .page{max-width:68rem;margin:0 auto;padding:0 1rem}
    .top{background:var(--card);border-bottom:1px solid var(--line)}
    .top .page{padding-top:2.25rem;padding-bottom:1.75rem}
    .eyebrow{margin:0 0 .5rem;color:var(--soft);font-size:.875rem}
    .eyebrow b{color:var(--ink);letter-spacing:.01em}
    .eyebrow code{padding:.1rem .4rem;border:1px solid var(--line);border-radius:5px;background:var(--well)}
    h1{margin:0 0 1.1rem;font-size:clamp(1.5rem,1.1rem + 1.8vw,2.15rem);line-height:1.2;letter-spacing:-.015em;\
    text-wrap:balance}
    .bar{display:block;width:100%;height:.6rem;border-radius:99px;overflow:hidden;background:var(--line)}
    .bar .looser{fill:var(--looser-line)}.bar .both{fill:var(--both-line)}.bar .tighter{fill:var(--tighter-line)}
    .bar .alarm{fill:var(--block)}.bar .equal{fill:var(--equal-line)}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.6rem;list-style:none;margin:1rem 0 0;\
    padding:0}
    .tiles a{display:block;padding:.6rem .8rem;border:1px solid var(--line);border-left:4px solid var(--equal-line);\
    border-radius:8px;text-decoration:none;background:var(--card);height:100%}
    .tiles a:hover{background:var(--well)}
    .tiles b{display:block;font-size:1.4rem;line-height:1.2;font-variant-numeric:tabular-nums}
    .tiles span{color:var(--soft);font-size:.875rem}
    .tiles .looser{border-left-color:var(--looser-line)}.tiles .tighter{border-left-color:var(--tighter-line)}
    .tiles .both{border-left-color:var(--both-line)}.tiles .alarm{border-left-color:var(--block)}
    .alarms{margin:1.1rem 0 0;padding:.7rem 1rem;list-style:none;border-radius:8px;background:var(--block-bg);\
    color:var(--block);font-weight:600}
    .alarms li::before{content:"! ";font-weight:800}
    .filter{position:sticky;top:0;z-index:2;background:var(--bg);border-bottom:1px solid var(--line)}
    .filter ul{display:flex;gap:.4rem;list-style:none;margin:0 auto;padding:.6rem 1rem;overflow-x:auto;scrollbar-width:thin}
    .filter a{display:block;white-space:nowrap;padding:.3rem .85rem;border:1px solid var(--line);border-radius:99px;\
    background:var(--card);text-decoration:none;font-size:.875rem}
    .filter a:hover{border-color:var(--soft)}
    .index{margin:1.25rem 0 0;background:var(--card);border:1px solid var(--line);border-radius:10px}
    .index summary{padding:.7rem 1rem;font-weight:600}
    .index ol{margin:0;padding:0 1rem .9rem 1rem;list-style:none;columns:22rem;column-gap:2rem}
    .index li{break-inside:avoid;padding:.15rem 0}
    .index .glyph{display:inline-block;width:1.3rem}
    .glyph.looser{color:var(--looser-line)}.glyph.tighter{color:var(--tighter-line)}.glyph.both{color:var(--both-line)}\
    .glyph.alarm{color:var(--block);font-weight:800}
    summary{cursor:pointer}
    .subject,.panel{margin:1.25rem 0;background:var(--card);border:1px solid var(--line);border-radius:12px;\
    overflow:hidden}
    .panel{padding:1rem 1.25rem 1.1rem}
    .panel h2{margin:0 0 .5rem;font-size:1.1rem}
    .panel.alarm{border-color:var(--block)}.panel.alarm h2{color:var(--block)}
    .panel ul{margin:.4rem 0 0;padding:0;list-style:none}
    .panel li{padding:.45rem 0;border-top:1px solid var(--line)}
    .panel li:first-child{border-top:0}
    .panel .why{color:var(--soft)}
    .head{padding:1rem 1.25rem .9rem;border-top:4px solid var(--equal-line)}
    .looser>.head{border-top-color:var(--looser-line)}.tighter>.head{border-top-color:var(--tighter-line)}
    .both>.head{border-top-color:var(--both-line)}.alarm>.head{border-top-color:var(--block)}
    .head h2{display:inline;margin:0 .5rem 0 0;font-size:1.2rem;letter-spacing:-.005em}
    .head h2 a{text-decoration:none}.head h2 a:hover{text-decoration:underline}
    .head p{margin:.25rem 0 0;color:var(--soft);font-size:.9375rem}
    .head .problem,.head .unjudged{color:var(--block);font-weight:600}
    .alike{margin-top:.4rem;font-size:.9375rem;color:var(--soft)}
    .alike ul{margin:.3rem 0 0;padding:0;list-style:none;columns:16rem}
    .settings{margin:.6rem 0 0;padding:0;list-style:none;font-size:.9375rem}
    .settings li{padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--equal-line);margin:.25rem 0}
    .tag{display:inline-block;padding:.1rem .6rem;border-radius:99px;font-size:.8125rem;font-weight:600;white-space:nowrap;\
    vertical-align:.12em}
    .tag.looser{color:var(--looser);background:var(--looser-bg)}.tag.tighter{color:var(--tighter);\
    background:var(--tighter-bg)}.tag.both{color:var(--both);background:var(--both-bg)}
    .tag.alarm{color:var(--block);background:var(--block-bg)}.tag.plain{color:var(--soft);background:var(--well);\
    border:1px solid var(--line)}
    .entry{padding:1rem 1.25rem 1.15rem;border-top:1px solid var(--line)}
    .entry h3{display:flex;flex-wrap:wrap;align-items:center;gap:.35rem .6rem;margin:0 0 .6rem;font-size:1rem}
    .entry h3 .class{font-weight:700}
    .flow{display:inline-flex;align-items:center;gap:.4rem}
    .flow>span:not(.verdict){color:var(--soft)}
    .verdict{padding:.1rem .55rem;border-radius:6px;font-size:.8125rem;font-weight:700}
    .verdict.allow{color:var(--allow);background:var(--allow-bg)}.verdict.audit{color:var(--audit);\
    background:var(--audit-bg)}.verdict.block{color:var(--block);background:var(--block-bg)}
    .region{margin:.5rem 0 0}
    .region+.region{padding-top:.6rem;border-top:1px dashed var(--line)}
    .what{margin:0}.what b{font-weight:650}.what .scope{color:var(--soft)}
    .what code.one{font-size:.9375rem;font-weight:600}
    .what code,.witness code,.settings code{white-space:pre-wrap}
    .patterns{margin:.35rem 0;padding:.5rem .75rem;list-style:none;background:var(--well);border:1px solid var(--line);\
    border-radius:8px;font-size:.9375rem}
    .patterns li{padding:.05rem 0}
    .patterns code{white-space:pre-wrap;overflow-wrap:anywhere}
    .patterns .word{color:var(--soft);font-size:.875rem;padding-top:.3rem}
    .patterns summary,.more{color:var(--soft);font-size:.875rem}
    .patterns details ul{margin:0;padding:0;list-style:none}
    .witness{margin:.45rem 0 0;padding-left:.9rem;border-left:3px solid var(--line)}
    .witness .eg{color:var(--soft);font-size:.875rem}
    .witness code{font-weight:600}
    .because{margin:.8rem 0 .4rem;font-size:.9375rem}.because span{color:var(--soft)}
    .sides{display:grid;grid-template-columns:1fr 1fr;gap:.6rem}
    .side{border:1px solid var(--line);border-radius:8px;overflow:hidden;min-width:0}
    .side h4{margin:0;padding:.35rem .75rem;font-size:.8125rem;font-weight:600;border-bottom:1px solid var(--line)}
    .side.old h4{color:var(--minus);background:var(--minus-bg)}.side.new h4{color:var(--plus);background:var(--plus-bg)}
    .side ol{margin:0;padding:0;list-style:none}
    .side li{padding:.5rem .75rem}.side li+li{border-top:1px solid var(--line)}
    .side p{margin:0;font-size:.9375rem}
    .frame{margin-top:.4rem;border:1px solid var(--line);border-radius:6px;background:var(--well);overflow:hidden}
    .frame .where{display:block;padding:.2rem .6rem;color:var(--soft);font-size:.8125rem}
    .frame pre{margin:0;padding:.1rem .6rem .4rem;white-space:pre-wrap}
    .anchor{position:absolute}
    .bottom{padding:1rem 0 2.5rem;color:var(--soft);font-size:.875rem}
    #looser:target~main .entry:not(.looser),#tighter:target~main .entry:not(.tighter),\
    #looser:target~main .subject:not(.has-looser,.alarm),#tighter:target~main .subject:not(.has-tighter,.alarm),\
    #looser:target~main .silent,#tighter:target~main .silent{display:none}
    .filter a[href="#all"],#looser:target~nav a[href="#looser"],#tighter:target~nav a[href="#tighter"]\
    {background:var(--ink);color:var(--bg);border-color:var(--ink)}
    #looser:target~nav a[href="#all"],#tighter:target~nav a[href="#all"]{background:var(--card);color:var(--ink);\
    border-color:var(--line)}
    @media (max-width:40rem){.sides{grid-template-columns:1fr}.head,.entry{padding-left:1rem;padding-right:1rem}\
    .top .page{padding-top:1.4rem;padding-bottom:1.25rem}.tiles{grid-template-columns:repeat(2,1fr)}\
    .filter a{padding:.3rem .7rem}.panel{padding-left:1rem;padding-right:1rem}}
    @media print{:root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444}.filter,.index,.skip{display:none}\
    details::details-content{content-visibility:visible;block-size:auto}.subject,.panel{overflow:visible}\
    .entry,.side,.region{break-inside:avoid}.tag,.verdict,.bar{print-color-adjust:exact}}

    """
}
