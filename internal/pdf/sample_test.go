package pdf

import "math"

// sample is a board report of one page that uses every kind of block.
func sample() *Doc {
	d := New(testOptions())
	d.Stamp("社長", "担当")
	d.Heading(1, "★3まで、あと41の基準です。")
	d.Note("𠮷野精機株式会社 ・ 2026年10月14日（水） ・ 担当 髙﨑 一郎、葛󠄀城 花子")
	d.Box(
		KeyFigure{"宣言", "39", "/ 81", "できていると答えた基準の数です。"},
		KeyFigure{"裏付け", "12", "件", "期限の切れていない証拠の数です。"},
		KeyFigure{"第三者の確認", "－", "", "まだ受けていません。"},
	)
	d.Text("受注先から求められている★3まで、残りの基準は41です。費用のかからないものから進めると、15万円以内で3か月後に届きます。「わからない」と答えた7つは、まだ確かめていません。")
	d.Figure(150, 52, func(c Canvas) {
		radar(c)
		band(c)
	})
	d.Heading(2, "次にする3つのこと")
	d.Numbered([]Step{
		{"使っていない利用者の登録を消します。", "辞めた人の登録が残ると、外から入られる入口になります。", []string{"名簿と登録を見比べます。", "使っていない登録を止めます。"}, "30分 ・ 費用なし ・ 要件 2-1"},
		{"控えを別の場所にも取ります。", "🍣 身代金を求める被害から、自分の力で戻れます。", nil, "2時間 ・ 約3万円"},
		{"連絡先の一覧を紙で置きます。", "", nil, "15分 ・ 費用なし"},
	})
	d.Heading(2, "分野ごとの様子")
	d.Table([]Column{{Title: "分野"}, {Title: "できている", Width: 24, AlignRight: true}, {Title: "まだ", Width: 20, AlignRight: true}, {Title: "次の期限", Width: 44}}, [][]string{
		{"守るものを知る", "8", "3", "2026年11月30日（月）"},
		{"入口を守る", "11", "14", "あと7日"},
		{"気づく・戻す", "5", "9", ""},
	})
	d.Heading(3, "添えたもの")
	d.List([]string{"控えの記録（2026年9月分）", "辻󠄀本商店との取り決め"})
	return d
}

func radar(c Canvas) {
	names := []string{"知る", "守る", "気づく", "応じる", "戻す"}
	at := func(i int, r float64) Point {
		a := 2*math.Pi*float64(i)/5 - math.Pi/2
		return Point{36 + r*math.Cos(a), 28 + r*math.Sin(a)}
	}
	ring := func(r ...float64) (points []Point) {
		for i := range 5 {
			points = append(points, at(i, r[i%len(r)]))
		}
		return points
	}
	c.Polygon(ring(20), Pen{Shade: 0x99})
	c.Polygon(ring(10), Pen{Shade: 0x99, Dash: Dotted, Width: 0.2})
	c.Polygon(ring(12, 14, 9, 13, 11), Pen{Shade: 0x66, Dash: Dashed, Width: 0.3})
	own := ring(15, 9, 12, 7, 16)
	c.Polygon(own, Pen{Width: 0.6})
	for i, name := range names {
		c.Line(36, 28, at(i, 20).X, at(i, 20).Y, Pen{Shade: 0x99})
		c.Dot(own[i].X, own[i].Y, 0.9, Pen{Fill: true})
		p := at(i, 24.5)
		c.TextAt(p.X, p.Y, name, Lettering{Align: Middle})
	}
}

func band(c Canvas) {
	c.TextAt(80, 14, "点数の幅", Lettering{Bold: true})
	c.Line(80, 28, 150, 28, Pen{Width: 0.3})
	c.Polygon([]Point{{105, 25.5}, {128, 25.5}, {128, 30.5}, {105, 30.5}}, Pen{Fill: true, Shade: 0xcc})
	c.Line(113, 24, 113, 32, Pen{Width: 0.8})
	c.TextAt(113, 21, "48", Lettering{Size: 12, Bold: true, Align: Middle})
	c.TextAt(80, 34, "0", Lettering{Size: 8, Align: Middle})
	c.TextAt(150, 34, "100", Lettering{Size: 8, Align: Middle})
	c.TextAt(80, 42, "灰色は「わからない」が残っている幅です。", Lettering{Size: 8})
}
