//! How fast pages are read: bytes a second, beside `html5ever` that only builds its tree.
//!
//! `cargo bench -p icp-domain --bench pages`. The demand is a ratio within one run: reading a page
//! into facts takes at most twice as long as the library's parsing alone.

#![expect(
    missing_docs,
    reason = "criterion's macros write functions without any"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark's own data reads, or it does not run"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use html5ever::tendril::TendrilSink;
use icp_domain::Rulebook;
use icp_domain::page::{Fetched, facts};
use markup5ever_rcdom::RcDom;

/// A page as sites have them, of about `length` bytes.
fn page(length: usize) -> Vec<u8> {
    let mut page = String::from(
        "<!doctype html><html lang=zh><head><meta charset=utf-8><title>示例网站 - 首页</title>\
         <meta name=description content='示例公司 产品 服务'><link rel=stylesheet href=/a.css>\
         <script>window.config = { api: '/api', debug: false };</script></head><body>\n",
    );
    let mut n = 0;
    while page.len() < length {
        n += 1;
        page.push_str(&format!(
            "<div class=\"card item-{n}\" data-id=\"{n}\"><a href=\"/products/{n}?from=home&amp;p=1\">\
             <img src=\"/img/{n}.jpg\" alt=\"产品 {n}\"></a><h3>示例产品 {n}</h3>\
             <p>这是第 {n} 个产品的介绍，支持七天无理由退货。<b>¥{n}.00</b> <i>12{n}</i> 人付款</p>\
             <ul><li>规格：{n}&nbsp;mm</li><li>颜色：黑</li></ul></div>\n"
        ));
    }
    page.push_str(
        "<script>var a = 1; if (a < 2) { document.title += ''; }</script><footer>© 2026 示例公司 \
         <a href=\"https://beian.miit.gov.cn/\">京ICP备2026000001号-1</a> 京公网安备11010502030143号\
         </footer></body></html>",
    );
    page.into_bytes()
}

fn pages(criterion: &mut Criterion) {
    let words = Rulebook::shipped().unwrap().content_words;
    let mut group = criterion.benchmark_group("pages");
    group.sample_size(20);
    for (name, length) in [("256 KB", 256 * 1024), ("2 MB", 2 * 1024 * 1024)] {
        let fetched = Fetched {
            statuses: vec![200],
            url: "https://www.example.cn/".to_owned(),
            content_type: Some("text/html; charset=utf-8".to_owned()),
            refreshes: false,
            body: page(length),
            cut_off: false,
            certificate: None,
        };
        assert_eq!(facts(&fetched, &words).unwrap().numbers.len(), 1);
        let bytes = fetched.body.len().try_into().unwrap_or(u64::MAX);
        group.throughput(Throughput::Bytes(bytes));
        group.bench_with_input(
            BenchmarkId::new("facts", name),
            &fetched,
            |bencher, fetched| {
                bencher.iter(|| facts(black_box(fetched), &words));
            },
        );
        group.bench_with_input(
            BenchmarkId::new("html5ever alone", name),
            &fetched,
            |bencher, fetched| {
                bencher.iter(|| {
                    html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default())
                        .from_utf8()
                        .one(black_box(fetched.body.as_slice()))
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
